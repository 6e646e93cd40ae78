/** The inputs of a chunk as they were described, block by block. */
import { F32_ID } from "./codes";
import { decodeBlock } from "./decode";
import { bytesOf, INFINITY, MAGNITUDE } from "./dtypes";
import { BASE, BLOCK, INPUTS, PADDED, STRIDE, TASK_VECTORS, TRIMMED, TRIMS, WORD } from "./memory";
import { trimBlock } from "./taskVector";

/** Says where an input of the next chunk stands; `at` is 0 for the base, 1 + t for a model. */
export function setInput(at: i32, address: usize, dtype: i32): void {
  store<usize>(INPUTS + 8 * at, address);
  store<i32>(INPUTS + 8 * at, dtype, 4);
}

/**
 * How model t is trimmed: entries before `ties` stay when the bits of their magnitude are above `atLeast`, the
 * others when they are above `above`, which is no less.
 */
export function setTrim(t: i32, ties: i32, atLeast: i32, above: i32): void {
  store<i32>(TRIMS + 12 * t, ties);
  store<i32>(TRIMS + 12 * t, atLeast, 4);
  store<i32>(TRIMS + 12 * t, above, 8);
}

/** What the bits of a magnitude of model t must be above in all of a chunk of `count` entries; −1: it changes within. */
export function limitOf(t: i32, count: i32): i32 {
  const ties = load<i32>(TRIMS + 12 * t);
  if (ties <= 0) return load<i32>(TRIMS + 12 * t, 8);
  return ties >= count ? load<i32>(TRIMS + 12 * t, 4) : -1;
}

export function inputAddress(at: i32): usize {
  return load<usize>(INPUTS + 8 * at);
}

/** Entries of a block after filling up. */
export function filledUp(count: i32): i32 {
  return (count + WORD - 1) & ~(WORD - 1);
}

/** Bytes of the block of an input from entry `start` on: in place, or filled up with zeros. */
function blockOf(at: i32, start: i32, count: i32): usize {
  const size = bytesOf(inputDtype(at));
  const from = load<usize>(INPUTS + 8 * at) + start * size;
  if (count == BLOCK) return from;
  memory.copy(PADDED, from, count * size);
  memory.fill(PADDED + count * size, 0, (filledUp(count) - count) * size);
  return PADDED;
}

export function inputDtype(at: i32): i32 {
  return load<i32>(INPUTS + 8 * at, 4);
}

/** Where θ₀ of a block stands as float32. */
export function baseOf(start: i32, count: i32): usize {
  const from = blockOf(0, start, count);
  if (inputDtype(0) == F32_ID && from != PADDED) return from;
  decodeBlock(inputDtype(0), from, BASE, filledUp(count));
  return BASE;
}

/** τ_t and τ̂_t of a block of every model. Whether some τ_t is not finite. */
export function trimModels(models: i32, base: usize, start: i32, count: i32): bool {
  let bad = false;
  for (let t = 0; t < models; t++) {
    const ties = load<i32>(TRIMS + 12 * t) - start;
    const atLeast = load<i32>(TRIMS + 12 * t, 4);
    const above = load<i32>(TRIMS + 12 * t, 8);
    bad = loadModel(t, base, start, count, max(0, min(count, ties)), atLeast, above) || bad;
  }
  return bad;
}

/** τ_t of a block of every model, also as TRIMMED. Whether some is not finite. */
export function loadModels(models: i32, base: usize, start: i32, count: i32): bool {
  let bad = false;
  for (let t = 0; t < models; t++) bad = loadModel(t, base, start, count, 0, -1, -1) || bad;
  return bad;
}

function loadModel(t: i32, base: usize, start: i32, count: i32, ties: i32, atLeast: i32, above: i32): bool {
  const from = modelOf(t, start, count);
  const to = t * STRIDE;
  return trimBlock(modelDtype(t), from, base, TASK_VECTORS + to, TRIMMED + to, filledUp(count), ties, atLeast, above);
}

/** Where a block of θ_t stands as it is stored, until the next call. */
export function modelOf(t: i32, start: i32, count: i32): usize {
  return blockOf(1 + t, start, count);
}

export function modelDtype(t: i32): i32 {
  return inputDtype(1 + t);
}

/** Whether a block of float32 has neither NaN nor ±Inf. */
export function allFinite(block: usize, count: i32): bool {
  let largest = i32x4.splat(0);
  for (let i = 0; i < 4 * filledUp(count); i += 16) {
    largest = i32x4.max_s(largest, v128.and(v128.load(block + i), i32x4.splat(MAGNITUDE)));
  }
  return !v128.any_true(i32x4.ge_s(largest, i32x4.splat(INFINITY)));
}
