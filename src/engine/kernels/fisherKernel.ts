/** Fisher merging on raw chunks, in the place of the kernels of the other methods. */
import { decode } from "../format/decode";
import { encode } from "../format/encode";
import { fisherMerge } from "../merge/fisher";
import { allocateValues, type Values } from "../merge/values";
import type { ChunkOutcome, RawOutput } from "./kernels";
import { countBaseNonFinite, loadChunk } from "./loadChunk";
import { firstBeyond, OVERFLOW_LIMIT } from "./plain";
import { CHUNK_ELEMENTS, type NonFinitePolicy, type RawChunk, type RawInput } from "./rawChunk";

/** The first Fisher value of a chunk that is negative, NaN or ±Inf: whose it is, its index, itself. */
export interface BadFisherValue {
  model: number;
  index: number;
  value: number;
}

interface Buffers {
  base: Values;
  models: Values[];
  fisher: Values[];
  divisor: Values;
  result: Values;
}

/** Bytes that the kernel holds for N models: float64 at most. */
export const fisherBytes = (models: number): number => (2 * models + 3) * CHUNK_ELEMENTS * 8;

export class FisherKernel {
  private readonly buffers = new Map<boolean, Buffers>();

  /** @param models N. */
  constructor(readonly models: number) {}

  /** Merges one chunk of base and models, with the models' Fisher values for the same entries, into `output`. */
  merge(
    chunk: RawChunk,
    fisher: readonly RawInput[],
    coefficients: readonly number[],
    policy: NonFinitePolicy,
    output: RawOutput,
  ): {
    outcome: Pick<ChunkOutcome, "nonFinite" | "replaced" | "baseNonFinite" | "overflow">;
    bad: BadFisherValue | null;
  } {
    const { count, wide } = chunk;
    const buffers = this.buffersFor(wide);
    const { nonFinite, replaced } = loadChunk(chunk, policy, buffers.base, buffers.models);
    const baseNonFinite = countBaseNonFinite(replaced);
    const outcome = { nonFinite, replaced: replaced.size, baseNonFinite, overflow: -1 };
    if (nonFinite) return { outcome, bad: null };
    fisher.forEach(({ dtype, bytes }, t) => decode(dtype, bytes, buffers.fisher[t], count));
    const bad = firstBad(buffers.fisher, count);
    if (bad) return { outcome, bad };
    const { result } = buffers;
    fisherMerge(buffers.models, buffers.fisher, coefficients, count, buffers.divisor, result);
    outcome.overflow = firstBeyond(result, count, OVERFLOW_LIMIT[output.dtype]);
    for (const [index, value] of replaced) if (value !== null) result[index] = value;
    encode(output.dtype, result, output.bytes, count);
    return { outcome, bad: null };
  }

  private buffersFor(wide: boolean): Buffers {
    let buffers = this.buffers.get(wide);
    if (!buffers) {
      const allocate = (): Values => allocateValues(CHUNK_ELEMENTS, wide);
      const each = (): Values[] => Array.from({ length: this.models }, allocate);
      buffers = { base: allocate(), models: each(), fisher: each(), divisor: allocate(), result: allocate() };
      this.buffers.set(wide, buffers);
    }
    return buffers;
  }
}

function firstBad(fisher: readonly Values[], count: number): BadFisherValue | null {
  for (let model = 0; model < fisher.length; model++) {
    const values = fisher[model];
    for (let index = 0; index < count; index++) {
      // Not ≥ 0 holds for NaN, too.
      if (!(values[index] >= 0) || values[index] === Infinity) return { model, index, value: values[index] };
    }
  }
  return null;
}
