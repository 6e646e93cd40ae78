/**
 * The kernels of assembly/: BF16, F16, F32 and F8 in float32 arithmetic, up to MAX_MODELS models, bit for bit what the
 * plain ones give. What is rare goes to the plain ones, chunk by chunk: float64, inputs that are not finite, and
 * chunks whose merge ends in an error that names an index.
 */
import type { FloatDtype } from "../../protocol/mergeSet";
import {
  countsLength,
  emptied,
  END_OF_BITS,
  endOf,
  type MagnitudeWindow,
  type NarrowWindow,
} from "../merge/magnitudeWindow";
import type { Largest } from "../merge/select";
import { divisorOf } from "../merge/tiesSteps";
import { maskAll } from "../merge/trim";
import { sumOfWeights } from "../merge/weightedSum";
import { OCTET, planeCount, type OctetCounts, type OctetMarks } from "../stats/octets";
import { TallyLayout, type Tally } from "../stats/tally";
import {
  BF16_ID,
  E4M3_ID,
  E5M2_ID,
  F16_ID,
  F32_ID,
  INSIDE,
  LINEAR,
  LISTED,
  TASK_ARITHMETIC,
  TIES,
  WHOLE,
} from "./assembly/codes";
import {
  COPIES,
  COPY_BYTES,
  HISTOGRAM_BYTES,
  HISTOGRAMS,
  MAX_MODELS,
  OCTET_SUMS,
  OCTETS,
  OUTPUT,
  TALLY,
} from "./assembly/memory";
import { BYTES_OF } from "./chunkReader";
import { NOTHING_FOUND } from "./kernels";
import type { ChunkOutcome, KernelMethod, Kernels, MergeParameters, RawOutput, TiesChunkRules } from "./kernels";
import { PlainKernels } from "./plain";
import type { NonFinite, NonFinitePolicy, RawChunk, RawInput } from "./rawChunk";
import type { SimdModule } from "./simdModule";
import { trimLimits } from "./trimLimits";

/** The dtypes that the module knows. */
const DTYPE_IDS: Readonly<Partial<Record<FloatDtype, number>>> = {
  BF16: BF16_ID,
  F16: F16_ID,
  F32: F32_ID,
  F8_E4M3: E4M3_ID,
  F8_E5M2: E5M2_ID,
};
const METHOD_IDS: Readonly<Record<KernelMethod, number>> = {
  ties: TIES,
  linear: LINEAR,
  task_arithmetic: TASK_ARITHMETIC,
};

/** Of SCE, which takes nearly nothing for a least divisor: no sum of such shares is below it. */
const SMALLEST_SHARE = 1e-5;

/** Where the bits of a float32 threshold are read. */
const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);

export class SimdKernels implements Kernels {
  readonly name = "simd";
  private readonly layout: TallyLayout;
  private readonly plain: PlainKernels;
  private readonly tally: Tally;
  private readonly octets: OctetCounts;
  private readonly marks: OctetMarks;

  /** @param models N, at most MAX_MODELS. The module may be shared: nothing stays in it between calls. */
  constructor(
    models: number,
    private readonly module: SimdModule,
  ) {
    if (models > MAX_MODELS) throw new RangeError(`more than ${MAX_MODELS} models`);
    this.layout = new TallyLayout(models);
    this.plain = new PlainKernels(models);
    this.tally = new Float64Array(module.memory.memory.buffer, TALLY, this.layout.length);
    const { buffer } = module.memory.memory;
    const planes = new Uint8Array(buffer, OUTPUT, planeCount(models) * OCTETS);
    this.octets = { counts: planes, stride: OCTETS, sums: new Float64Array(buffer, OCTET_SUMS, OCTETS) };
    this.marks = { marks: planes, stride: OCTETS, merged: new Float32Array(buffer, OCTET_SUMS, OCTET * OCTETS) };
  }

  emptyCounts(model: number, window: MagnitudeWindow): Uint32Array {
    const place = HISTOGRAMS + model * HISTOGRAM_BYTES;
    return emptied(new Uint32Array(this.module.memory.memory.buffer, place, countsLength(window)), window);
  }

  countMagnitudes(
    chunk: RawChunk,
    windows: readonly (MagnitudeWindow | null)[],
    policy: NonFinitePolicy,
    counts: readonly (Uint32Array | null)[],
  ): NonFinite | null {
    if (!this.knows(chunk) || windows.some((window) => window?.kind === "wide")) {
      return this.plain.countMagnitudes(chunk, windows, policy, counts);
    }
    const { exports, memory } = this.module;
    // Counts elsewhere are brought here, and back.
    const here = counts.map((own, t) => own && (memory.addressOf(own) < 0 ? this.copyOf(t, own) : own));
    windows.forEach((window, t) => this.setWindow(t, window, here[t]));
    this.setInputs(chunk);
    const stopped = exports.countMagnitudes(chunk.count, windows.length, 1);
    if (stopped >= 0) exports.countMagnitudes(stopped, windows.length, -1);
    const bad = stopped < 0 ? null : this.plain.countMagnitudes(chunk, windows, policy, here);
    counts.forEach((own, t) => own !== here[t] && own?.set(here[t] ?? []));
    return bad;
  }

  private copyOf(t: number, counts: Uint32Array): Uint32Array {
    const place = HISTOGRAMS + t * HISTOGRAM_BYTES;
    const copy = new Uint32Array(this.module.memory.memory.buffer, place, counts.length);
    copy.set(counts);
    return copy;
  }

  /** Tells the module the window of a model, whose counts are in its memory. */
  private setWindow(t: number, window: MagnitudeWindow | null, counts: Uint32Array | null): void {
    const { exports, memory } = this.module;
    if (!window || window.kind === "wide" || !counts) {
      exports.setWindow(t, 0, 0, 0, 0, 0, 0);
      return;
    }
    const [shift, way] = window.kind === "list" ? [0, LISTED] : [window.shift, isWhole(window) ? WHOLE : INSIDE];
    exports.setWindow(t, memory.addressOf(counts), window.from, endOf(window), shift, window.buckets, way);
  }

  readonly largest: Largest = (counts, inside, rank, window) => {
    const { exports, memory } = this.module;
    const address = counts instanceof Uint32Array ? memory.addressOf(counts) : -1;
    if (address < 0) return this.plain.largest(counts, inside, rank, window);
    const value = exports.largest(address, inside, rank, window.from, window.end - window.from);
    return { value, larger: exports.larger.value, equal: exports.equal.value };
  };

  countEqual(chunk: RawChunk, model: number, threshold: number): number {
    single[0] = threshold;
    if (threshold > 0 && single[0] === threshold && this.knows(chunk)) {
      this.setInputs(chunk, model);
      const equal = this.module.exports.countEqual(chunk.count, model, singleBits[0]);
      if (equal >= 0) return equal;
    }
    return this.plain.countEqual(chunk, model, threshold);
  }

  endOfEqual(chunk: RawChunk, model: number, threshold: number, keep: number): number {
    return this.plain.endOfEqual(chunk, model, threshold, keep);
  }

  merge(
    chunk: RawChunk,
    parameters: MergeParameters,
    ties: TiesChunkRules | null,
    output: RawOutput | null,
    tally: Tally | null,
  ): ChunkOutcome {
    if (this.knows(chunk) && this.canMerge(chunk, parameters, ties, output)) {
      if (tally) this.tally.set(tally);
      if (this.run(chunk, parameters, ties, output, tally !== null)) {
        if (tally) this.finish(tally, chunk.count);
        return this.outcome(ties !== null);
      }
    }
    return this.plain.merge(chunk, parameters, ties, output, tally);
  }

  countOctets(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules): OctetCounts {
    return this.view(chunk, parameters, ties, false) ? this.octets : this.plain.countOctets(chunk, parameters, ties);
  }

  markOctets(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules): OctetMarks {
    return this.view(chunk, parameters, ties, true) ? this.marks : this.plain.markOctets(chunk, parameters, ties);
  }

  /** @returns whether the module could. */
  private view(chunk: RawChunk, parameters: MergeParameters, ties: TiesChunkRules, mark: boolean): boolean {
    if (parameters.method !== "ties" || !this.knows(chunk)) return false;
    if (!this.canMerge(chunk, parameters, ties, null)) return false;
    this.setRules(chunk, parameters, ties);
    return this.module.exports.viewOctets(chunk.count, ties.zeroSign === -1, mark) !== 0;
  }

  private knows({ base, models, wide }: RawChunk): boolean {
    return !wide && (!base || base.dtype in DTYPE_IDS) && models.every(({ dtype }) => dtype in DTYPE_IDS);
  }

  /** Whether the module has this arithmetic: float32 out of finite parameters, and a base where one is subtracted. */
  private canMerge(
    { base }: RawChunk,
    { method, weights, lambda, leastDivisor }: MergeParameters,
    ties: TiesChunkRules | null,
    output: RawOutput | null,
  ): boolean {
    return (
      (!output || output.dtype in DTYPE_IDS) &&
      !(ties && maskAll(ties.rules)) &&
      (leastDivisor === undefined || weights.every((share) => share === 0 || share >= SMALLEST_SHARE)) &&
      (base !== null || (method === "linear" && !ties)) &&
      [...weights, lambda].every((parameter) => Number.isFinite(Math.fround(parameter)))
    );
  }

  private run(
    chunk: RawChunk,
    parameters: MergeParameters,
    ties: TiesChunkRules | null,
    output: RawOutput | null,
    statistics: boolean,
  ): boolean {
    const { exports, memory } = this.module;
    const { count, base } = chunk;
    this.setRules(chunk, parameters, ties);
    const inPlace = output ? memory.addressOf(output.bytes) : 0;
    const address = output && inPlace < 0 ? OUTPUT : inPlace;
    const dtype = output ? (DTYPE_IDS[output.dtype] ?? 0) : 0;
    const negativeZero = ties?.zeroSign === -1;
    if (!exports.merge(count, base !== null, ties !== null, negativeZero, statistics, address, dtype)) return false;
    if (output && inPlace < 0) output.bytes.set(memory.bytesAt(OUTPUT, count * BYTES_OF[output.dtype]));
    return true;
  }

  /** Tells the module the inputs of a chunk and by which rules it is merged. */
  private setRules(
    chunk: RawChunk,
    { method, weights, lambda, normalize, rules, leastDivisor }: MergeParameters,
    ties: TiesChunkRules | null,
  ): void {
    const { exports } = this.module;
    const { count, start } = chunk;
    exports.setMethod(weights.length, METHOD_IDS[method], lambda, normalize ? sumOfWeights(weights, false) : 1);
    const divisor = divisorOf(rules, leastDivisor);
    exports.setElection(rules.weights === "before", rules.signConsensus === "frequency", divisor !== "none");
    weights.forEach((weight, t) => exports.setWeight(t, weight, divisor === "weights" ? weight : 1));
    ties?.rules.forEach((rule, t) => {
      const limits = trimLimits(rule, start, count);
      exports.setTrim(t, limits.ties, limits.atLeast, limits.above);
    });
    this.setInputs(chunk);
  }

  private finish(tally: Tally, count: number): void {
    tally.set(this.tally);
    tally[this.layout.total("elements")] += count;
  }

  private outcome(elects: boolean): ChunkOutcome {
    const [positive, negative, voted] = elects
      ? [this.module.exports.positive.value, this.module.exports.negative.value, this.module.exports.voted.value]
      : [0, 0, 0];
    const elected = { positive, negative, cancelled: voted - positive - negative };
    return { ...NOTHING_FOUND, elected };
  }

  /** Tells the module where base and models stand (or one of them), copied into its memory if need be. */
  private setInputs({ base, models, count }: RawChunk, only?: number): void {
    if (base) this.setInput(0, base, count);
    models.forEach((input, t) => {
      if (only === undefined || only === t) this.setInput(1 + t, input, count);
    });
  }

  private setInput(at: number, { dtype, bytes }: RawInput, count: number): void {
    const { exports, memory } = this.module;
    let address = memory.addressOf(bytes);
    if (address < 0) address = memory.put(COPIES + at * COPY_BYTES, bytes.subarray(0, count * BYTES_OF[dtype]));
    exports.setInput(at, address, DTYPE_IDS[dtype] ?? 0);
  }
}

const isWhole = (window: NarrowWindow): boolean => window.from === 0 && endOf(window) === END_OF_BITS;
