/** What a compute worker does: one method a kind of job, each on ranges of files, none knowing the whole merge. */
import type { MergeParameters } from "../engine/kernels/kernels";
import type { ComputedTensor } from "../engine/format/computedTensor";
import type { StridedView } from "../engine/format/stridedSource";
import type { NonFinitePolicy } from "../engine/kernels/rawChunk";
import type { ListWindow, MagnitudeWindow, NarrowWindow } from "../engine/merge/magnitudeWindow";
import type { VarianceSums } from "../engine/merge/selectByVariance";
import type { TrimRule } from "../engine/merge/trim";
import type { Pyramid, Region } from "../engine/stats/pyramid";
import type { Tally } from "../engine/stats/tally";
import type { Coefficients } from "../engine/plan/modelCoefficients";
import type { FloatDtype, MeasuredVectors } from "../protocol/mergeSet";
import type { CallContext } from "../protocol/rpc";
import type { ParameterBlock, ParameterRequest, Tile, TileRequest } from "../protocol/tiles";

/** Where bytes start: in a file, in the view of one that a tensor with strides is, or in a computed tensor. */
export interface FileRange {
  file: string;
  offset: number;
  view?: StridedView;
  computed?: ComputedTensor;
}

/** Where the entries of one tensor of one checkpoint start. */
export interface TensorRange extends FileRange {
  dtype: FloatDtype;
}

/** One tensor of base and models; `label`s are for messages. */
export interface TensorInputs {
  name: string;
  shape: number[];
  elements: number;
  wide: boolean;
  base: TensorRange | null;
  models: TensorRange[];
  /** Where the models are weighed entry by entry: F_t and c_t. */
  fisher?: { values: TensorRange[]; coefficients: number[] };
  /** Where they are measured: what holds for this tensor in the place of the job's parameters. */
  coefficients?: Coefficients;
  /** Where they are measured row by row: entries of a row. */
  stockRow?: number;
}

/** Where a tensor is written: from `offset` of `file` on, or of shared memory where that is given. */
export interface OutputPosition {
  file: string;
  offset: number;
  dtype: FloatDtype;
  memory?: SharedArrayBuffer;
}

export interface Stretch {
  start: number;
  count: number;
}

/** Shared by all jobs of a run: [CANCELLED] and [PROGRESS], entries × passes done so far. */
export type RunState = SharedArrayBuffer;
/** Where jobs of the background wait while they are held, see runState.ts. */
export type Gate = SharedArrayBuffer;

export interface JobBase {
  state: RunState;
  /** Of a run in the background. */
  gate: Gate | null;
  /** Names of base and models, for messages. */
  labels: { base: string; models: string[] };
  nonFinite: NonFinitePolicy;
}

/** Stretches of one tensor. */
export interface SampledTensor {
  inputs: TensorInputs;
  stretches: Stretch[];
}

/** Guesses the windows in which the thresholds of a unit of `elements` entries lie, from groups of its entries. */
export interface GuessJob extends JobBase {
  sample: SampledTensor[][];
  /** Whether a window may be listed: where one worker counts all of it. */
  lists: boolean;
  elements: number;
  densities: number[];
  ties: "inclusive" | "exact";
}

/** Counts |τ_t| in a window a model. The counts stay with the worker until they are collected. */
export interface CountJob extends JobBase {
  /** Names the pass over a unit that these stretches are part of, uniquely in the process. */
  pass: number;
  items: { inputs: TensorInputs; stretch: Stretch }[];
  windows: (MagnitudeWindow | null)[];
  /** Of what: the models' task vectors, a window each, or their variance, which all windows are of. */
  of?: "variance";
}

/** Sums the squares of task vectors by where their variance lies; a threshold below 0 takes all entries. */
export interface VarianceSumsJob extends JobBase {
  items: { inputs: TensorInputs; stretch: Stretch }[];
  threshold: number;
}

/** The `keep`-th entry of a stretch whose variance equals the threshold. */
export interface LocateVarianceJob extends JobBase {
  inputs: TensorInputs;
  stretch: Stretch;
  threshold: number;
  keep: number;
}

/** Adds what a worker counted in a pass, a model after the other, and forgets it. Not by two workers at a time. */
export interface CollectJob {
  pass: number;
  into: Uint32Array<SharedArrayBuffer> | Float64Array<SharedArrayBuffer>;
}

/** Counts the entries exactly as large as each model's threshold, a count an item and model. */
export interface EqualJob extends JobBase {
  items: { inputs: TensorInputs; stretch: Stretch }[];
  thresholds: (number | null)[];
}

/** Finds the index behind the keep-th entry that is exactly as large as the threshold. */
export interface LocateJob extends JobBase {
  inputs: TensorInputs;
  stretch: Stretch;
  model: number;
  threshold: number;
  keep: number;
}

export interface MergeItem {
  inputs: TensorInputs;
  stretches: Stretch[];
  /** Trim rules of this tensor (`tieEnd` from its first entry); null: not needed, or select them here. */
  rules: TrimRule[] | null;
  /** Blocks to guess the thresholds from, where they are to be selected here; null: no guess. */
  sample: Stretch[][] | null;
  /** Where it is written; null: statistics only. */
  output: OutputPosition | null;
}

export interface MergeJob extends JobBase {
  items: MergeItem[];
  parameters: MergeParameters;
  /** Where items without rules must find them: the densities, by model, how ties are cut, the share of outliers, and of SCE when shares are equal. */
  select: {
    densities: number[];
    ties: "inclusive" | "exact";
    gamma: number | null;
    sceEqualBelow: number | null;
  } | null;
  zeroSign: 1 | -1;
  statistics: boolean;
}

export interface StretchResult {
  /** CRC-32 of the bytes written, 0 when none were. */
  crc: number;
  tally: Tally | null;
  elected: { positive: number; negative: number; cancelled: number };
  /** Entries that took the base's value under `keep-base`, and those of them that are not finite in the base either. */
  replaced: number;
  baseNonFinite: number;
  /** Of factors: ‖M‖² of what was merged, and ‖M − B·A‖² of what is written. */
  squares?: { whole: number; rest: number };
}

export interface MergeItemResult {
  rules: TrimRule[] | null;
  stretches: StretchResult[];
}

/** Copies bytes as they are; with `others`, only if they are all the same. */
export interface CarryJob extends JobBase {
  name: string;
  dtype: string;
  bytes: number;
  from: FileRange;
  others: (FileRange & { model: number })[];
  output: { file: string; offset: number };
}

/** Writes a stretch of the base's tensor, indices as in the whole tensor, at its place in the output. */
export interface KeepRowsJob extends JobBase {
  name: string;
  shape: number[];
  stretch: Stretch;
  from: TensorRange;
  output: { file: string; offset: number; dtype: FloatDtype };
}

/** Counts NaN and ±Inf. */
export interface ScanJob extends JobBase {
  items: { range: TensorRange; stretch: Stretch }[];
}

/** Squares of Fisher values, summed for their norm. */
export interface SquaresJob extends JobBase {
  items: { name: string; shape: number[]; range: TensorRange; stretch: Stretch; model: number }[];
}

/** Scalar products of the models' vectors with one another. */
export interface ProductsJob extends JobBase {
  items: { inputs: TensorInputs; stretch: Stretch }[];
  of: MeasuredVectors;
}

/** The linear system of one weight [out, in] under RegMean. */
export interface RegmeanLayer {
  name: string;
  /** Inputs: rows and columns of the Gram matrices. */
  order: number;
  /** G_t of each model. */
  grams: TensorRange[];
  alpha: number;
  /** A LowerTriangle: ΣG̃_t, then its factor. */
  matrix: SharedArrayBuffer;
}

export type RegmeanStep =
  /** Adds up ΣG̃_t in the rows of a block. */
  | { kind: "sum"; block: number }
  /** Factors the diagonal block. */
  | { kind: "factor"; block: number }
  /** Factors blocks below it. */
  | { kind: "below"; block: number; rowBlocks: number[] }
  /** Solves for outputs of the layer and writes them: a stretch of whole rows. */
  | {
      kind: "solve";
      inputs: TensorInputs;
      stretch: Stretch;
      output: { file: string; offset: number; dtype: FloatDtype };
    };

export interface RegmeanJob extends JobBase {
  layer: RegmeanLayer;
  step: RegmeanStep;
}

/** Factors a merged matrix to a rank, and writes the factors. */
export interface FactorJob extends JobBase {
  name: string;
  /** [rows, columns], F32 or F64. */
  matrix: SharedArrayBuffer;
  wide: boolean;
  rows: number;
  columns: number;
  rank: number;
  /** A [rank, columns] and B [rows, rank]. */
  a: FactorOutput;
  b: FactorOutput;
  /** What progress counts for all of it. */
  work: number;
}

export interface FactorOutput {
  name: string;
  shape: number[];
  position: OutputPosition;
}

export interface PictureJob extends JobBase {
  inputs: TensorInputs;
  parameters: MergeParameters;
  rules: TrimRule[];
  zeroSign: 1 | -1;
}

/** Reads blocks of tensors, each input's one after the other, to where they are held. */
export interface ReadBlocksJob extends JobBase {
  /** Files, or single tensors that are not stored as they are read. */
  sources: TensorRange[];
  /** What is read of them, and to where: see readSample.ts. */
  plan: Float64Array;
  into: SharedArrayBuffer;
}

export interface ComputeApi {
  guess(job: GuessJob, context: CallContext): Promise<(NarrowWindow | ListWindow)[]>;
  count(job: CountJob, context: CallContext): Promise<void>;
  collect(job: CollectJob, context: CallContext): Promise<void>;
  countEqual(job: EqualJob, context: CallContext): Promise<number[][]>;
  locate(job: LocateJob, context: CallContext): Promise<number>;
  varianceSums(job: VarianceSumsJob, context: CallContext): Promise<VarianceSums[]>;
  locateVariance(job: LocateVarianceJob, context: CallContext): Promise<{ end: number; squares: number[] }>;
  merge(job: MergeJob, context: CallContext): Promise<MergeItemResult[]>;
  carry(job: CarryJob, context: CallContext): Promise<{ crc: number }>;
  keepRows(job: KeepRowsJob, context: CallContext): Promise<void>;
  scan(job: ScanJob, context: CallContext): Promise<{ nan: number; infinite: number; first: number }[]>;
  readBlocks(job: ReadBlocksJob, context: CallContext): Promise<void>;
  /** The same with ranks in rows: see readRows.ts. */
  readRows(job: ReadBlocksJob, context: CallContext): Promise<void>;
  /** A sum an item, in float64 and in the order of the entries. */
  sumSquares(job: SquaresJob, context: CallContext): Promise<number[]>;
  /** The products of every item, as `productIndex` counts them, in float64 and in the order of the entries. */
  products(job: ProductsJob, context: CallContext): Promise<number[][]>;
  /** What came out of `solve`; null of the other steps. */
  regmean(job: RegmeanJob, context: CallContext): Promise<StretchResult | null>;
  /** What was written as A and as B; the first has the squares. */
  factor(job: FactorJob, context: CallContext): Promise<[StretchResult, StretchResult]>;
  tile(job: PictureJob & { request: TileRequest }, context: CallContext): Promise<Tile>;
  parameters(
    job: PictureJob & { request: ParameterRequest; densities: number[]; outDtype: FloatDtype },
    context: CallContext,
  ): Promise<ParameterBlock>;
  /** Fills a region of a pyramid, in its shared memory. */
  countRegion(job: PictureJob & { pyramid: Pyramid; region: Region }, context: CallContext): Promise<void>;
  /** Closes all files, so that folders may be renamed and what was written is in the system's hands. */
  release(job: null, context: CallContext): Promise<void>;
}
