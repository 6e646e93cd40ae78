/** A merge set whose checkpoints are opened and found to fit together; no weight has been read. */
import { statSync } from "node:fs";
import type { Checkpoint, TensorRef } from "../engine/format/checkpoint";
import { kernelsName } from "../engine/kernels/chooseKernels";
import type { FactorShapes } from "../engine/plan/adapterChanges";
import type { AdapterOutput } from "../engine/plan/adapterOutput";
import { adapterSet, type AdapterSet } from "../engine/plan/adapterSet";
import { factorBytes } from "../engine/plan/factorMemory";
import { fisherBytes } from "../engine/kernels/fisherKernel";
import { isFloatDtype, type MatchedTensor } from "../engine/plan/matchTensors";
import { matchFisher, matchGram, type MatchedStatistics } from "../engine/plan/matchStatistics";
import { plainBytes, planMemory, type MemoryPlan } from "../engine/plan/memory";
import type { Coefficients } from "../engine/plan/modelCoefficients";
import { tensorParameters, type TensorParameters } from "../engine/plan/tensorParameters";
import { isUntied } from "../engine/plan/untiedHeads";
import { trimUnits, type TrimUnit } from "../engine/plan/workPlan";
import { fisherCoefficients } from "../engine/merge/fisher";
import { hasWindow, randomMasks } from "../engine/merge/randomMask";
import { rowLength } from "../engine/merge/rankRow";
import { KEEP_ALL, type TrimRule } from "../engine/merge/trim";
import { sumOfWeights } from "../engine/merge/weightedSum";
import { SMALLEST_WEIGHT_SUM } from "../engine/merge/disjointMerge";
import { openCheckpoint } from "../io/openCheckpoint";
import { MergeError } from "../protocol/errors";
import {
  electsSigns,
  keepsBand,
  keepsRandom,
  keepsVaried,
  measuredVectors,
  type MergeSet,
  ranksEntries,
  usesTaskVectors,
} from "../protocol/mergeSet";
import type { TensorInputs, TensorRange } from "./computeApi";
import { rankBytes } from "./rowRanks";
import { stockRowsBytes } from "./stockRows";
import { varianceBytes } from "./taskVariance";
import { productsBytes } from "./vectorProducts";
import { matchCheckpoints } from "./matchCheckpoints";

export interface PreparedSet {
  set: MergeSet;
  base: Checkpoint | null;
  models: Checkpoint[];
  /** What comes out where adapters are merged with one another; else null. */
  adapter: AdapterOutput | null;
  /** Where the tensors are changes of adapters: the factors that each, by its name, is written as; else null. */
  factors: ReadonlyMap<string, FactorShapes> | null;
  tensors: MatchedTensor[];
  /** Whether a head is written apart from the embedding that it is one with, as the base's config says. */
  untied: boolean;
  units: TrimUnit[];
  /** By tensor; tensors with equal parameters share one object. */
  parameters: TensorParameters[];
  /** Of adapters: what becomes of other parameters; see `AdapterSet`. */
  adapted: AdapterSet["parametersOf"] | null;
  memory: MemoryPlan;
  labels: { base: string; models: string[] };
  /** What was done about checkpoints that are not quite alike, in a sentence each. */
  notes: string[];
  /** What `fisher` and `regmean` know of the models beside their weights. */
  statistics: PreparedStatistics | null;
  /** By tensor, as soon as a merge has measured them: the coefficients of methods that measure angles. */
  coefficients?: (Coefficients | null)[];
}

export interface PreparedStatistics {
  files: Checkpoint[];
  /** For each tensor a part of a file a model, or null. */
  ofTensor: MatchedStatistics;
  /** `fisher`, as soon as a merge is under way: ‖F_t‖₂ of the models where they count, else null. */
  norms?: number[] | null;
}

export interface EngineLimits {
  threads: number;
  /** Bytes, for the whole process. */
  memoryLimit: number;
}

/**
 * Opens and matches everything, for a run with or without statistics. Throws whatever is wrong before a weight is read.
 * @param onBase takes the base before the models are opened, where the set names one.
 */
export function prepareSet(
  set: MergeSet,
  limits: EngineLimits,
  statistics: boolean,
  onBase: (base: Checkpoint) => void = () => undefined,
): PreparedSet {
  const named = set.base === null ? null : openCheckpoint(set.base);
  if (named) onBase(named);
  const opened = set.models.map(({ path }) => openCheckpoint(path));
  const adapters = adapterSet(set, opened);
  return prepareOpened({ set, base: named ?? adapters?.base ?? null, models: opened }, limits, statistics, adapters);
}

/** The same for checkpoints that are open. `adapters`: where they are adapters to be merged with one another. */
export function prepareOpened(
  { set, base, models: opened }: Pick<PreparedSet, "set" | "base" | "models">,
  limits: EngineLimits,
  statistics: boolean,
  adapters = set.base === null ? adapterSet(set, opened) : null,
): PreparedSet {
  if (base === null && usesTaskVectors(set.method)) throw new MergeError("base-needed", { where: "" });
  const models = adapters?.models ?? opened;
  const { tensors, notes } = matchCheckpoints(set, base, models);
  const files = statisticsFiles(set).map((path) => openCheckpoint(path));
  const parameters = tensorParameters(
    set,
    tensors.map(({ name }) => name),
  );
  checkParameters(set, tensors, parameters);
  if (adapters) tensors.forEach(({ name }, at) => (parameters[at] = adapters.parametersOf(name, parameters[at])));
  const entries = [base, ...models, ...files].reduce((sum, checkpoint) => sum + (checkpoint?.tensors.size ?? 0), 0);
  return {
    set,
    base,
    models,
    adapter: adapters?.output ?? null,
    factors: adapters?.factors ?? null,
    tensors,
    untied: (base ?? models[0]).untied === true || isUntied(tensors),
    units: trimUnits(tensors, set.rules.trimScope, (tensor) => parameters[tensor].densities),
    parameters,
    adapted: adapters?.parametersOf ?? null,
    memory: planMemory(
      {
        models: models.length,
        headerEntries: entries,
        reportedTensors: statistics ? tensors.length : 0,
        factorBytes: factorBytes([base, ...models]),
        kernels: kernelsName(process.env.TIES_MERGE_KERNELS),
        methodBytes: methodBytes(set, tensors),
      },
      limits.threads,
      limits.memoryLimit,
    ),
    labels: { base: "the base", models: set.models.map(({ name }) => name) },
    notes,
    statistics: files.length > 0 ? { files, ofTensor: matchStatistics(set, tensors, models, files, notes) } : null,
  };
}

/** What a worker needs beside the kernels: buffers for Fisher values or scalar products, or the plain kernels, which draw masks and drop outliers. */
function methodBytes({ method, models, filterWise }: MergeSet, tensors: readonly MatchedTensor[]): number {
  if (method === "fisher") return fisherBytes(models.length);
  if (filterWise) return productsBytes(models.length) + plainBytes(models.length) + stockRowsBytes(models.length);
  if (measuredVectors(method)) return productsBytes(models.length);
  if (ranksEntries(method)) {
    const rows = tensors.map(({ kind, shape, elements }) => (kind === "merge" ? rowLength(shape, elements) : 0));
    const longest = rows.reduce((most, row) => Math.max(most, row), 0);
    return plainBytes(models.length) + rankBytes(models.length, longest);
  }
  if (keepsVaried(method)) return plainBytes(models.length) + varianceBytes(models.length);
  return keepsRandom(method) || keepsBand(method) ? plainBytes(models.length) : 0;
}

const statisticsFiles = ({ method, models }: MergeSet): string[] =>
  models.flatMap(({ fisher, gram }) => (method === "fisher" ? fisher : method === "regmean" ? gram : undefined) ?? []);

const matchStatistics = (
  set: MergeSet,
  tensors: readonly MatchedTensor[],
  models: readonly Checkpoint[],
  files: readonly Checkpoint[],
  notes: string[],
): MatchedStatistics =>
  set.method === "fisher"
    ? matchFisher(set, tensors, models, files)
    : matchGram(set, tensors, models, files, (note) => notes.push(note));

function checkParameters(set: MergeSet, tensors: readonly MatchedTensor[], all: readonly TensorParameters[]): void {
  const checked = new Set<TensorParameters>();
  for (const [index, tensor] of tensors.entries()) {
    if (tensor.kind !== "merge" || checked.has(all[index])) continue;
    checked.add(all[index]);
    const { epsilon = 0 } = set;
    const odd = ranksEntries(set.method) && all[index].densities.find((density) => !hasWindow(density, epsilon));
    if (odd) throw new MergeError("epsilon-too-large", { where: tensor.name, density: odd, epsilon });
    const { weights, normalize } = all[index].parameters;
    if (electsSigns(set.method) || !normalize || Math.abs(sumOfWeights(weights, true)) >= SMALLEST_WEIGHT_SUM) continue;
    const where = set.slices ? `${tensor.name}: ${weights.join(", ")}` : weights.join(", ");
    throw new MergeError("weights-sum-to-zero", { where });
  }
  if (set.base === null && set.missing === "base") throw new MergeError("missing-without-base", { where: "" });
  if (set.base === null && set.nonFinite === "keep-base") throw new MergeError("keep-base-without-base", { where: "" });
}

/** What a worker needs to read one matched tensor. Averaging reads the base only where its values may be needed. */
export function inputsOf(
  { set, tensors, parameters, statistics, coefficients }: PreparedSet,
  index: number,
  needsBase: boolean,
): TensorInputs {
  const { name, shape, elements, wide, base, models } = tensors[index];
  const readsBase = needsBase || usesTaskVectors(set.method) || set.nonFinite === "keep-base";
  const measured = coefficients?.[index];
  const fisher = statistics?.norms === undefined ? null : statistics.ofTensor[index];
  return {
    name,
    shape,
    elements,
    wide,
    base: base && readsBase ? rangeOf(base) : null,
    models: models.map(rangeOf),
    ...(measured && { coefficients: measured }),
    ...(isByRows(set, shape) && { stockRow: shape[shape.length - 1] }),
    ...(fisher && {
      fisher: {
        values: fisher.map(rangeOf),
        coefficients: fisherCoefficients(parameters[index].parameters.weights, statistics?.norms ?? null),
      },
    }),
  };
}

/** Whether Model Stock has a ratio for each row of a tensor; a vector is one row, and measured whole. */
export const isByRows = ({ filterWise }: MergeSet, shape: readonly number[]): boolean =>
  filterWise === true && shape.length > 1;

/** The masks of a tensor where they are drawn; null where they have to be searched, or nothing is masked. */
export function drawnRules({ set, tensors, parameters }: PreparedSet, index: number): TrimRule[] | null {
  if (!keepsRandom(set.method)) return null;
  const { name, shape, elements } = tensors[index];
  const window = set.epsilon === undefined ? undefined : { epsilon: set.epsilon, row: rowLength(shape, elements) };
  const masks = randomMasks(set.seed, name, parameters[index].densities, window);
  return masks.map((random) => ({ ...KEEP_ALL, random }));
}

export function rangeOf({ file, begin, view, computed, dtype, name }: TensorRef): TensorRange {
  if (!isFloatDtype(dtype)) throw new MergeError("internal", { where: name, message: `dtype ${dtype} is not decoded` });
  return { file, offset: begin, view, computed, dtype };
}

/** Base, models and the files of their statistics. */
export const inputCheckpoints = ({ base, models, statistics }: PreparedSet): Checkpoint[] => [
  ...(base ? [base] : []),
  ...models,
  ...(statistics?.files ?? []),
];

/** All input files, and what tells whether one has changed. */
export function inputIdentity(prepared: PreparedSet): { file: string; size: number; mtime: number }[] {
  return inputCheckpoints(prepared).flatMap((checkpoint) =>
    checkpoint.files.map((file) => {
      const { size, mtimeMs } = statSync(file);
      return { file, size, mtime: mtimeMs };
    }),
  );
}
