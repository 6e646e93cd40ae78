import { decode } from "../format/decode";
import { TiesSteps } from "../merge/tiesSteps";
import { allocateValues, type Values } from "../merge/values";
import { TallyLayout } from "../stats/tally";
import { ChunkTally } from "../stats/tallyChunk";
import { CHUNK_ELEMENTS, type NonFinite, type NonFinitePolicy, type RawChunk } from "./rawChunk";

/** Room for one decoded chunk in one arithmetic. */
export class ChunkBuffers {
  readonly base: Values;
  /** θ_t, then τ_t in place. */
  readonly inputs: Values[];
  readonly result: Values;
  readonly scratch: Values;
  readonly steps: TiesSteps;
  readonly tally: ChunkTally;

  constructor(models: number, wide: boolean) {
    const allocate = (): Values => allocateValues(CHUNK_ELEMENTS, wide);
    this.base = allocate();
    this.inputs = Array.from({ length: models }, allocate);
    this.result = allocate();
    this.scratch = allocate();
    this.steps = new TiesSteps(models, CHUNK_ELEMENTS, wide);
    this.tally = new ChunkTally(new TallyLayout(models), CHUNK_ELEMENTS);
  }

  /**
   * Decodes a chunk. Under `keep-base`, `replaced` maps the entries that are not finite somewhere to the base's
   * value to write (null where that value is finite and comes out by itself): there every affected τ_t is 0.
   */
  load(
    chunk: RawChunk,
    policy: NonFinitePolicy,
  ): { nonFinite: NonFinite | null; replaced: Map<number, number | null> } {
    const { count } = chunk;
    const replaced = new Map<number, number | null>();
    if (chunk.base) decode(chunk.base.dtype, chunk.base.bytes, this.base, count);
    for (let t = 0; t < chunk.models.length; t++) {
      decode(chunk.models[t].dtype, chunk.models[t].bytes, this.inputs[t], count);
    }
    const inputs = this.inputs.slice(0, chunk.models.length);
    if (chunk.base && !allFinite(this.base, count)) {
      for (let i = 0; i < count; i++) {
        if (Number.isFinite(this.base[i])) continue;
        if (policy === "error") return { nonFinite: { model: -1, index: i }, replaced };
        replaced.set(i, this.base[i]);
        this.base[i] = 0;
        for (const input of inputs) input[i] = 0;
      }
    }
    for (let t = 0; t < inputs.length; t++) {
      if (allFinite(inputs[t], count)) continue;
      for (let i = 0; i < count; i++) {
        if (Number.isFinite(inputs[t][i])) continue;
        if (policy === "error") return { nonFinite: { model: t, index: i }, replaced };
        if (!replaced.has(i)) replaced.set(i, null);
        inputs[t][i] = this.base[i];
      }
    }
    return { nonFinite: null, replaced };
  }
}

function allFinite(values: Values, count: number): boolean {
  let finite = true;
  // x − x is NaN for NaN and ±Inf: one comparison, no branch in the loop.
  for (let i = 0; i < count; i++) finite = finite && values[i] - values[i] === 0;
  return finite;
}
