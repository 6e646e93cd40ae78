/**
 * From the bytes of a file to numbers. safetensors is little-endian, and so is every platform that
 * VS Code runs on: bytes are reinterpreted, not assembled.
 */
import type { FloatDtype } from "../../protocol/mergeSet";
import { f16Bits, f16Values } from "./f16Table";
import { f8Values } from "./f8Table";
import { float32View, float64View, uint16View, uint32View } from "./views";

export type Floats = Float32Array | Float64Array;

/**
 * Decodes the first `count` elements of `bytes` into `out`. `bytes` may begin anywhere in its buffer.
 * Exact, except F64 into a Float32Array, which rounds to nearest even.
 */
export function decode(dtype: FloatDtype, bytes: Uint8Array, out: Floats, count: number): void {
  if (out instanceof Float64Array) decodeToFloat64(dtype, bytes, out, count);
  else decodeToFloat32(dtype, bytes, out, count);
}

function decodeToFloat32(dtype: FloatDtype, bytes: Uint8Array, out: Float32Array, count: number): void {
  switch (dtype) {
    case "F32":
      // As bytes, so that a NaN keeps its payload.
      new Uint8Array(out.buffer, out.byteOffset, count * 4).set(bytes.subarray(0, count * 4));
      return;
    case "F64":
      return roundToFloat32(float64View(bytes, count), out, count);
    case "F16":
      return f16ToBits(uint16View(bytes, count), uint32View(out, count), count);
    case "BF16":
      return bf16ToBits(uint16View(bytes, count), uint32View(out, count), count);
    case "F8_E4M3":
    case "F8_E5M2":
      return f8ToFloat32(f8Values(dtype), bytes, out, count);
  }
}

function decodeToFloat64(dtype: FloatDtype, bytes: Uint8Array, out: Float64Array, count: number): void {
  switch (dtype) {
    case "F64":
      new Uint8Array(out.buffer, out.byteOffset, count * 8).set(bytes.subarray(0, count * 8));
      return;
    case "F32":
      return widen(float32View(bytes, count), out, count);
    case "F16":
      return f16ToFloat64(uint16View(bytes, count), out, count);
    case "BF16":
      return bf16ToFloat64(uint16View(bytes, count), out, count);
    case "F8_E4M3":
    case "F8_E5M2":
      return f8ToFloat64(f8Values(dtype), bytes, out, count);
  }
}

// One loop for each pair of types: a loop that sees two kinds of array runs several times slower.

function roundToFloat32(from: Float64Array, out: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = from[i];
}

function widen(from: Float32Array, out: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = from[i];
}

function f16ToBits(from: Uint16Array, out: Uint32Array, count: number): void {
  const table = f16Bits();
  for (let i = 0; i < count; i++) out[i] = table[from[i]];
}

function f16ToFloat64(from: Uint16Array, out: Float64Array, count: number): void {
  const table = f16Values();
  for (let i = 0; i < count; i++) out[i] = table[from[i]];
}

function bf16ToBits(from: Uint16Array, out: Uint32Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = from[i] << 16;
}

const BLOCK = 4096;

function bf16ToFloat64(from: Uint16Array, out: Float64Array, count: number): void {
  const bits = new Uint32Array(Math.min(count, BLOCK));
  const values = new Float32Array(bits.buffer);
  for (let begin = 0; begin < count; begin += BLOCK) {
    const length = Math.min(BLOCK, count - begin);
    for (let i = 0; i < length; i++) bits[i] = from[begin + i] << 16;
    for (let i = 0; i < length; i++) out[begin + i] = values[i];
  }
}

function f8ToFloat32(table: Float32Array, from: Uint8Array, out: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = table[from[i]];
}

function f8ToFloat64(table: Float32Array, from: Uint8Array, out: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = table[from[i]];
}
