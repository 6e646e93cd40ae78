/** Task vectors of everything that is held, by model, for methods whose masks are applied before the kernels count. */
import { decode } from "../format/decode";
import { allocateValues } from "../merge/values";
import type { Breather } from "./breather";
import { startsOf, type HeldTensor } from "./heldSample";

export class HeldVectors {
  /** Where each tensor's entries begin. */
  readonly starts: Uint32Array;
  /** Of all tensors together. */
  readonly entries: number;
  private readonly models = new Map<number, Float32Array>();

  constructor(private readonly tensors: readonly HeldTensor[]) {
    ({ starts: this.starts, entries: this.entries } = startsOf(tensors));
  }

  /** τ of a model, tensor by tensor in float32; 0 where an input is not finite. */
  async of(model: number, breather: Breather): Promise<Float32Array> {
    const known = this.models.get(model);
    if (known) return known;
    const longest = this.tensors.reduce((most, { entries }) => Math.max(most, entries), 0);
    const base = allocateValues(longest, false);
    const all = new Float32Array(this.entries);
    for (const [at, { entries, base: from, models }] of this.tensors.entries()) {
      const values = all.subarray(this.starts[at], this.starts[at] + entries);
      decode(from.dtype, from.bytes, base, entries);
      decode(models[model].dtype, models[model].bytes, values, entries);
      for (let i = 0; i < entries; i++) {
        const [x, y] = [base[i], values[i]];
        // x − x is NaN of NaN and ±Inf.
        values[i] = x - x === 0 && y - y === 0 ? y - x : 0;
      }
      const pause = breather.after(1, entries);
      if (pause) await pause;
    }
    this.models.set(model, all);
    return all;
  }
}
