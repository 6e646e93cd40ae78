import { MERGED, STRIDE, WEIGHTED, WEIGHTS } from "./memory";

/** w_t·x_t of a block of every model into WEIGHTED; `from` is a block a model, STRIDE apart. */
export function weigh(from: usize, models: i32, count: i32): void {
  for (let t = 0; t < models; t++) {
    const weight = v128.load32_splat(WEIGHTS + 4 * t);
    const block = from + t * STRIDE;
    const to: usize = WEIGHTED + t * STRIDE;
    for (let i = 0; i < 4 * count; i += 16) v128.store(to + i, f32x4.mul(v128.load(block + i), weight));
  }
}

/** Σ x_t in the order of the models, divided by `divisor`, into MERGED. */
export function sumModels(from: usize, models: i32, count: i32, divisor: f32): void {
  const by = f32x4.splat(divisor);
  for (let i = 0; i < 4 * count; i += 16) {
    let sum = f32x4.splat(0);
    const last = from + models * STRIDE + i;
    for (let at = from + i; at < last; at += STRIDE) sum = f32x4.add(sum, v128.load(at));
    v128.store(MERGED + i, f32x4.div(sum, by));
  }
}
