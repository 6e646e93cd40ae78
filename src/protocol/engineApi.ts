/**
 * What the engine does for the command line and the extension host: one interface of async methods.
 * The command line calls it in its own process, the host over a thread (rpc.ts); the types are the same.
 */
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  PictureTerms,
  Tile,
  TileProgress,
  TileRequest,
} from "./tiles";
import type { MergeSet } from "./mergeSet";
import type { ErrorData } from "./errors";
import type { InterferenceReport, TensorStatistics } from "./report";
import type { CallContext } from "./rpc";
import type { SampledCurves, SampledReport, SampleDepth } from "./sample";
import type { ListedTensor, TensorTable } from "./tensorTable";

export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  bytes: number;
}

export interface CheckpointInfo {
  format: "safetensors" | "pytorch" | "peft";
  tensors: TensorInfo[];
  parameters: number;
  bytes: number;
  metadata: Record<string, string>;
}

export interface VerifyProblem {
  tensor: string;
  /** What is wrong, in one sentence. */
  problem: string;
}

export interface VerifyResult {
  tensors: number;
  bytes: number;
  /** Tensors with NaN or ±Inf, and how many of each. */
  problems: VerifyProblem[];
}

export interface OutputChoice {
  /** Absolute path: a folder, or one bare file when it ends in `.safetensors`. */
  out: string;
  /** Largest shard, in bytes. */
  shardSize: number;
  overwrite: boolean;
  resume: boolean;
}

export interface MergePlanSummary {
  out: string;
  /** Floating tensors that are merged, tensors taken from the base as they are. */
  mergedTensors: number;
  carriedTensors: number;
  parameters: number;
  /** Bytes of all inputs and of the output, free bytes on the output's disk. */
  inputBytes: number;
  outputBytes: number;
  freeBytes: number;
  /** Estimated peak memory of the process and the limit, in bytes. */
  memoryBytes: number;
  memoryLimit: number;
  /** What RegMean's largest linear system, or factoring the largest changes, needs beside the limit, and whose it is. */
  layer: { tensor: string; bytes: number } | null;
  threads: number;
  /** Which kernels compute: SIMD, or the plain ones where the machine has no SIMD. */
  kernels: "simd" | "plain";
  shards: { file: string; tensors: number; bytes: number }[];
  /** Other files that the output receives. */
  companions: string[];
  /** How each tensor is read, for the log: passes over the files. */
  passes: number;
  recipe: unknown;
  /** What is done about checkpoints that are not quite alike, in a sentence each. */
  notes: string[];
}

export interface MergeProgress {
  phase: "check" | "trim" | "merge" | "finish";
  /** Tensor under way. */
  tensor: string;
  /** Work done and in all, in bytes read; seconds left where it can be said. */
  done: number;
  total: number;
  secondsLeft: number | null;
}

export interface MergeResult {
  out: string;
  files: string[];
  bytes: number;
  seconds: number;
  /** Tensors that an earlier, unfinished run had completed. */
  resumedTensors: number;
  /** Entries that took the base's value because an input had NaN or ±Inf there. */
  nonFinite: number;
  /** Those of them that are NaN or ±Inf in the base itself, and stay so. */
  baseNonFinite: number;
  report: InterferenceReport | null;
  /** Of adapters that were merged by what they change; else null. */
  factoring: Factoring | null;
}

/** How far merged changes are from the factors that they are written as. */
export interface Factoring {
  rank: number;
  /** ‖ΔW − B·A‖ / ‖ΔW‖ over all tensors, in the Frobenius norm. */
  error: number;
  tensors: { name: string; error: number }[];
}

export interface InspectProgress {
  phase: "trim" | "statistics";
  tensor: string;
  done: number;
  total: number;
  /** Exact rows that are new since the last message. */
  rows: TensorStatistics[];
}

/** A model, or the base, that is damaged or missing, wholly or in part. */
export interface BrokenModel {
  /** Name of the model; null: the base. */
  model: string | null;
  path: string;
  error: ErrorData;
  /** Whether nothing of it could be opened, so that the set is looked at without it. */
  leftOut: boolean;
}

/** An opened merge set: its headers are read and checked, its weights not. */
export interface Inspection {
  /** Names this inspection in later calls; give it back with `closeInspection`. */
  id: number;
  set: MergeSet;
  /**
   * The places that the models had where more of them were asked for: a model keeps its colour and its glyph when
   * others are left out. Without it, their own.
   */
  places?: number[];
  /** In the order for people: layer 2 before layer 10. */
  tensors: TensorTable;
  /** Of the tensors that are counted. */
  parameters: number;
  /** What is done about checkpoints that are not quite alike, in a sentence each. */
  notes: string[];
  /** Of a set that was opened in part: tensors of which nothing is counted, not among those above. */
  brokenTensors?: BrokenTensor[];
  brokenModels?: BrokenModel[];
}

export interface BrokenTensor extends ListedTensor {
  /** Why nothing is counted of it: it is missing somewhere, or does not fit. */
  broken: ErrorData[];
}

/** What the base alone says of a set, before its models are opened. */
export interface InspectionPreview {
  /** As it was asked for: any of its models may yet turn out to be damaged or missing. */
  set: MergeSet;
  /** Those of the base that the set merges, in the order for people; a model may lack them or have others. */
  tensors: TensorTable;
}

/** A file that an opened set reads. */
export interface InputFile {
  /** Name of the model that it belongs to; null: the base. */
  model: string | null;
  path: string;
  /** Other as soon as the file is; null: it is not there. */
  stamp: string | null;
}

/** With what tells whether it still holds. */
export interface OpenedInspection extends Inspection {
  files: InputFile[];
}

/** What is shown of it. */
export type ShownInspection = Omit<Inspection, "id">;

export interface SampleRequest {
  id: number;
  set: MergeSet;
  members: number[];
}

export interface EngineApi {
  info(params: { path: string }, context: CallContext): Promise<CheckpointInfo>;
  /** Checks a checkpoint's structure (a breach is an error) and reads every value. */
  verify(params: { path: string }, context: CallContext<MergeProgress>): Promise<VerifyResult>;
  /** Everything that is checked before the first weight is read, and what a merge would do. */
  plan(
    params: { set: MergeSet; output: OutputChoice; statistics?: boolean },
    context: CallContext,
  ): Promise<MergePlanSummary>;
  merge(
    params: { set: MergeSet; output: OutputChoice; statistics: boolean },
    context: CallContext<MergeProgress>,
  ): Promise<MergeResult>;
  inspect(
    params: { set: MergeSet; sample?: number },
    context: CallContext<InspectProgress>,
  ): Promise<InterferenceReport>;
  /**
   * With `partly`, a set whose models are damaged, or do not fit the base, is opened as far as it goes. What its base
   * says comes first, as progress; of a set without a base nothing does.
   */
  openInspection(
    params: { set: MergeSet; partly?: boolean },
    context: CallContext<InspectionPreview>,
  ): Promise<OpenedInspection>;
  /** Exact statistics of an opened set; computed once, then remembered. */
  inspectionReport(params: { id: number }, context: CallContext<InspectProgress>): Promise<InterferenceReport>;
  /**
   * Statistics estimated from a sample of an opened set, for `set`: other settings of some of its models, `members` of
   * them in their order. The sample is read with the first call; later ones read nothing.
   */
  sampledReport(params: SampleRequest & SampleDepth, context: CallContext): Promise<SampledReport>;
  /** Curves from the sample; `layer` names the start of the tensors' names, null is the whole model. */
  sampledCurves(params: SampleRequest & { layer: string | null }, context: CallContext): Promise<SampledCurves>;
  tile(params: { id: number } & TileRequest & PictureTerms, context: CallContext<TileProgress>): Promise<Tile>;
  parameters(params: { id: number } & ParameterRequest & PictureTerms, context: CallContext): Promise<ParameterBlock>;
  /** How large the task vectors' entries of one tensor are, for the rank of any of them. */
  magnitudes(params: { id: number; tensor: string }, context: CallContext): Promise<MagnitudeCounts>;
  closeInspection(params: { id: number }, context: CallContext): Promise<void>;
}
