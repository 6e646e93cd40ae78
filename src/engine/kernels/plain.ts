/** The plain TypeScript kernels: the paper's steps one after the other on decoded chunks. The oracle of any faster ones. */
import type { FloatDtype } from "../../protocol/mergeSet";
import { encode } from "../format/encode";
import { linear } from "../merge/linear";
import { scale } from "../merge/scale";
import { countMagnitudes, countsLength, emptied, type MagnitudeWindow } from "../merge/magnitudeWindow";
import { countEqual, endOfEqual, largest } from "../merge/select";
import { taskArithmetic } from "../merge/taskArithmetic";
import { maskAll } from "../merge/trim";
import { taskVector } from "../merge/taskVector";
import type { Values } from "../merge/values";
import { countOctets, markOctets, OCTET, planeCount, type OctetCounts, type OctetMarks } from "../stats/octets";
import { runPictureSteps } from "../stats/pictureSteps";
import type { Tally } from "../stats/tally";
import { ChunkBuffers } from "./chunkBuffers";
import { NOTHING_FOUND } from "./kernels";
import type { ChunkOutcome, Kernels, MergeParameters, RawOutput, TiesChunkRules } from "./kernels";
import { countBaseNonFinite } from "./loadChunk";
import { CHUNK_ELEMENTS, type NonFinite, type NonFinitePolicy, type RawChunk } from "./rawChunk";

/** Magnitude from which on rounding to a dtype gives Inf: (2 − 2^−precision)·2^largest exponent. */
export const OVERFLOW_LIMIT: Readonly<Record<FloatDtype, number>> = {
  F64: Infinity,
  F32: (2 - 2 ** -24) * 2 ** 127,
  BF16: (2 - 2 ** -8) * 2 ** 127,
  F16: (2 - 2 ** -11) * 2 ** 15,
  // These saturate: whatever is finite fits.
  F8_E4M3: Infinity,
  F8_E5M2: Infinity,
};

/** Octets of the largest chunk. */
const OCTETS = CHUNK_ELEMENTS / OCTET;

export class PlainKernels implements Kernels {
  readonly name = "plain";
  private readonly buffers = new Map<boolean, ChunkBuffers>();
  private readonly counts: Uint32Array[] = [];
  private planes: { bytes: Uint8Array; sums: Float64Array } | null = null;

  /** @param models N. */
  constructor(private readonly models: number) {}

  emptyCounts(model: number, window: MagnitudeWindow): Uint32Array {
    const length = countsLength(window);
    if (!((this.counts[model]?.length ?? 0) >= length)) this.counts[model] = new Uint32Array(length);
    return emptied(this.counts[model].subarray(0, length), window);
  }

  countMagnitudes(
    chunk: RawChunk,
    windows: readonly (MagnitudeWindow | null)[],
    policy: NonFinitePolicy,
    counts: readonly (Uint32Array | null)[],
  ): NonFinite | null {
    for (const [model, window] of windows.entries()) {
      const into = counts[model];
      if (!window || !into) continue;
      const { values, nonFinite } = this.taskVectorOf(chunk, model, policy);
      if (nonFinite) return nonFinite;
      countMagnitudes(values, chunk.count, window, into);
    }
    return null;
  }

  readonly largest = largest;

  countEqual(chunk: RawChunk, model: number, threshold: number): number {
    return countEqual(this.taskVectorOf(chunk, model, "keep-base").values, chunk.count, threshold);
  }

  endOfEqual(chunk: RawChunk, model: number, threshold: number, keep: number): number {
    return endOfEqual(this.taskVectorOf(chunk, model, "keep-base").values, chunk.count, threshold, keep);
  }

  merge(
    chunk: RawChunk,
    parameters: MergeParameters,
    ties: TiesChunkRules | null,
    output: RawOutput | null,
    tally: Tally | null,
  ): ChunkOutcome {
    const { count } = chunk;
    const buffers = this.buffersFor(chunk.wide);
    const outcome: ChunkOutcome = { ...NOTHING_FOUND };
    const loaded = buffers.load(chunk, parameters.nonFinite);
    if (loaded.nonFinite) return { ...outcome, nonFinite: loaded.nonFinite };
    outcome.replaced = loaded.replaced.size;
    outcome.baseNonFinite = countBaseNonFinite(loaded.replaced);

    const { base, inputs, result } = buffers;
    const { weights, lambda, normalize, method } = parameters;
    if (method === "linear" && output) linear(inputs, weights, normalize, count, buffers.scratch, result);
    if (chunk.base) for (const input of inputs) taskVector(input, base, count, input);
    if (ties) {
      const { weightSum, elected } = buffers.steps.run(inputs, count, chunk.start, parameters, ties);
      outcome.elected = elected;
      if (method === "ties") outcome.weightSum = weightSum;
      if (tally) buffers.tally.add(inputs, buffers.steps, parameters, count, outcome.replaced, tally);
    }
    if (!output) return outcome;
    if (method === "ties") scale(base, buffers.steps.merged, lambda, count, result);
    if (method === "task_arithmetic") {
      const kept = ties && maskAll(ties.rules) ? buffers.steps.trimmed : inputs;
      taskArithmetic(base, kept, weights, lambda, normalize, count, buffers.steps.merged, buffers.scratch, result);
    }
    outcome.overflow = firstBeyond(result, count, OVERFLOW_LIMIT[output.dtype]);
    for (const [index, value] of loaded.replaced) if (value !== null) result[index] = value;
    encode(output.dtype, result, output.bytes, count);
    return outcome;
  }

  countOctets(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules): OctetCounts {
    const { steps } = runPictureSteps(this.buffersFor(chunk.wide), chunk, parameters, ties);
    const { bytes, sums } = this.roomForOctets();
    const octets = { counts: bytes, stride: OCTETS, sums };
    countOctets(steps, this.models, chunk.count, octets);
    return octets;
  }

  markOctets(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules): OctetMarks {
    const { steps } = runPictureSteps(this.buffersFor(chunk.wide), chunk, parameters, ties);
    const marks = { marks: this.roomForOctets().bytes, stride: OCTETS, merged: steps.merged };
    markOctets(steps, this.models, chunk.count, marks);
    return marks;
  }

  private roomForOctets(): { bytes: Uint8Array; sums: Float64Array } {
    this.planes ??= { bytes: new Uint8Array(planeCount(this.models) * OCTETS), sums: new Float64Array(OCTETS) };
    return this.planes;
  }

  private taskVectorOf(
    chunk: RawChunk,
    model: number,
    policy: NonFinitePolicy,
  ): { values: Values; nonFinite: NonFinite | null } {
    const buffers = this.buffersFor(chunk.wide);
    const one = { ...chunk, models: [chunk.models[model]] };
    const { nonFinite } = buffers.load(one, policy);
    const [values] = buffers.inputs;
    taskVector(values, buffers.base, chunk.count, values);
    return { values, nonFinite: nonFinite && nonFinite.model === 0 ? { ...nonFinite, model } : nonFinite };
  }

  private buffersFor(wide: boolean): ChunkBuffers {
    let buffers = this.buffers.get(wide);
    if (!buffers) this.buffers.set(wide, (buffers = new ChunkBuffers(this.models, wide)));
    return buffers;
  }
}

/** Index of the first value that is NaN or reaches `limit`, or −1. */
export function firstBeyond(values: Values, count: number, limit: number): number {
  for (let i = 0; i < count; i++) if (!(Math.abs(values[i]) < limit)) return i;
  return -1;
}
