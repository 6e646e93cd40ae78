/** |τ| of everything that is held, by model: from it follow the orders of all units and replicates. */
import { allocateValues } from "../merge/values";
import type { Breather } from "./breather";
import { magnitudes, stretchOf, startsOf, type HeldTensor } from "./heldSample";
import { SampleOrder } from "./sampleOrder";

export class SampleMagnitudes {
  /** Where each tensor's entries begin. */
  private readonly starts: Uint32Array;
  private readonly entries: number;
  /** Bits as float32, by model. */
  private readonly models = new Map<number, Uint32Array>();
  /** By model and replicate, and there by unit: a tensor's own by its number. */
  private readonly orders = new Map<string, Map<string | number, SampleOrder>>();

  constructor(private readonly tensors: readonly HeldTensor[]) {
    ({ starts: this.starts, entries: this.entries } = startsOf(tensors));
  }

  /** Orders of units by what `nameOf` calls them. @param replicate null: the whole sample. */
  ordersOf(model: number, replicate: number | null): Map<string | number, SampleOrder> {
    const key = `${model} ${replicate ?? ""}`;
    const orders = this.orders.get(key) ?? new Map<string | number, SampleOrder>();
    this.orders.set(key, orders);
    return orders;
  }

  nameOf(unit: readonly number[]): string | number {
    if (unit.length === 1) return unit[0];
    return unit.length === this.tensors.length ? "" : unit.join();
  }

  /** @param unit held tensors, in the order in which positions count; @param replicate null: the whole sample. */
  async order(
    unit: readonly number[],
    model: number,
    replicate: number | null,
    breather: Breather,
  ): Promise<SampleOrder> {
    const all = this.models.get(model) ?? (await this.read(model, breather));
    const offsets = new Uint32Array(unit.length + 1);
    const weights = new Float64Array(unit.length);
    unit.forEach((at, place) => {
      const { count, weight } = stretchOf(this.tensors[at], replicate);
      offsets[place + 1] = offsets[place] + count;
      weights[place] = weight;
    });
    const bits = new Uint32Array(offsets[unit.length]);
    unit.forEach((at, place) => {
      const { start, count } = stretchOf(this.tensors[at], replicate);
      const first = this.starts[at] + start;
      bits.set(all.subarray(first, first + count), offsets[place]);
    });
    // Every move of a slider asks for thresholds of the whole sample; of replicates it does once it rests.
    return new SampleOrder(bits, offsets, weights, replicate === null);
  }

  private async read(model: number, breather: Breather): Promise<Uint32Array> {
    const longest = this.tensors.reduce((most, { entries }) => Math.max(most, entries), 0);
    const base = allocateValues(longest, false);
    const all = new Float32Array(this.entries);
    for (const [at, tensor] of this.tensors.entries()) {
      magnitudes(tensor, model, base, all.subarray(this.starts[at], this.starts[at] + tensor.entries));
      const pause = breather.after(1, tensor.entries);
      if (pause) await pause;
    }
    const bits = new Uint32Array(all.buffer);
    this.models.set(model, bits);
    return bits;
  }
}
