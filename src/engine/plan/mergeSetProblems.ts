/** What is wrong with what was said about a merge. */
import {
  MAX_SEED,
  DEFAULT_EPSILON,
  type Method,
  type Setting,
  electsSigns,
  isForAdapters,
  keepsRandom,
  keepsVaried,
  measuresChanges,
  ranksEntries,
  usesTaskVectors,
} from "../../protocol/mergeSet";
import { hasWindow } from "../merge/randomMask";
import { SMALLEST_WEIGHT_SUM } from "../merge/disjointMerge";
import { DEFAULT_METHOD, mergedIndices, statisticsKey, withEndpoints } from "./mergeSetInput";
import type { MergeSetInput } from "./mergeSetInput";
import { checkpointName } from "./modelNames";
import { isPlain, valuesOf } from "./parameterSetting";
import { sliceParameters } from "./sliceParameters";

/**
 * One thing wrong with a merge; `field` is the path of the field in `MergeSetInput`, such as `models.1.weight`, and
 * of the values of a setting their number, such as `models.1.weight.0`.
 */
export interface MergeSetProblem {
  field: string;
  message: string;
}

/** Everything that is wrong with `input`, in the order of its fields. */
export function mergeSetProblems(input: MergeSetInput): MergeSetProblem[] {
  const problems: MergeSetProblem[] = [];
  const report = (field: string, message: string): void => void problems.push({ field, message });
  const { method = DEFAULT_METHOD } = input;

  if (usesTaskVectors(method) && !input.base && !input.adapters) report("base", `\`${method}\` needs a base model`);
  if (isForAdapters(method) && input.base) {
    report("base", `\`${method}\` merges adapters with one another: leave the base out`);
  }
  checkModelCount(input, report);
  checkWeightAndDensity("", input, report);
  checkNumbers("lambda", input.lambda, report);
  input.models.forEach((model, i) => checkWeightAndDensity(`models.${i}.`, model, report));
  input.slices?.forEach((slice, s) => {
    checkWeightAndDensity(`slices.${s}.`, slice, report);
    checkNumbers(`slices.${s}.lambda`, slice.lambda, report);
    slice.models.forEach((model, i) => checkWeightAndDensity(`slices.${s}.models.${i}.`, model, report));
  });
  checkLayers(input, report);
  if (!electsSigns(method) && !statisticsKey(method)) checkWeightSum(input, report);
  checkRescale("", method, input, report);
  input.slices?.forEach((slice, s) => checkRescale(`slices.${s}.`, method, slice, report));
  checkShares("t", input.t, report);
  input.slices?.forEach((slice, s) => checkShares(`slices.${s}.t`, slice.t, report));
  checkShares("selectTopk", input.selectTopk, report, "select_topk");
  input.slices?.forEach((slice, s) => {
    checkShares(`slices.${s}.selectTopk`, slice.selectTopk, report, "select_topk");
  });
  const { gamma } = input;
  if (gamma !== undefined && !(gamma >= 0 && gamma <= 1)) report("gamma", `gamma must be from 0 to 1, not ${gamma}`);
  if (ranksEntries(method)) checkEpsilon(input, report);
  if (input.seed !== undefined && !isSeed(input.seed)) {
    report("seed", `seed must be a whole number from 0 to ${MAX_SEED}, not ${input.seed}`);
  }
  checkRank(method, input, report);
  checkStatistics(method, input, report);
  if (measuresChanges(method)) checkMeasured(method, input, report);
  for (const field of ["include", "exclude"] as const) {
    if (input[field]?.includes("")) report(field, `an empty pattern under \`${field}\` matches nothing`);
  }
  return problems;
}

/** Seeds are 32 bits. */
const isSeed = (seed: number): boolean => Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED;

function checkRank(method: Method, { rank, base }: MergeSetInput, report: Report): void {
  if (rank === undefined) return;
  if (!Number.isSafeInteger(rank) || rank < 1) report("rank", `rank must be a whole number above 0, not ${rank}`);
  if (isForAdapters(method)) report("rank", `\`${method}\` has the sum of the adapters' ranks: leave \`rank\` out`);
  if (base) report("rank", "`rank` is that of adapters merged with one another: leave the base or `rank` out");
}

/** Every probability density ± ε must be above 0 and below 1; a density of 0 or 1 has none. */
function checkEpsilon(input: MergeSetInput, report: Report): void {
  const { epsilon = DEFAULT_EPSILON } = input;
  const densities = sliceParameters(input).flatMap(({ models }) => models.flatMap(({ density }) => valuesOf(density)));
  const odd = densities.find((density) => !hasWindow(density, epsilon));
  if (!(epsilon >= 0 && epsilon < 0.5)) report("epsilon", `epsilon must be from 0 to below 0.5, not ${epsilon}`);
  else if (odd !== undefined) {
    report(
      "epsilon",
      `density ± epsilon must be above 0 and below 1, and is ${odd} ± ${epsilon} (unless it is 0 or 1)`,
    );
  }
}

/** To rescale or not is part of the method. */
function checkRescale(
  prefix: string,
  method: Method,
  { rescale }: { rescale?: Setting<boolean> },
  report: Report,
): void {
  const rescales = keepsRandom(method);
  if (rescale === undefined || valuesOf(rescale).every((value) => value === rescales)) return;
  report(
    `${prefix}rescale`,
    rescales
      ? "`rescale: false` cannot be honoured: DARE divides what it keeps by its density, DELLA by its probability"
      : "`rescale: true` cannot be honoured: what trimming keeps is not rescaled here",
  );
}

type Report = (field: string, message: string) => void;

function checkModelCount(input: MergeSetInput, report: Report): void {
  if (input.models.length === 0) report("models", "at least one model is needed");
  else if (mergedIndices(input).length === 0) {
    const who = input.models.length === 1 ? "the only model is" : "all models are";
    report("models", `${who} the base itself: name a model that was made from it`);
  }
}

function checkWeightAndDensity(
  prefix: string,
  { weight, density }: { weight?: Setting; density?: Setting },
  report: Report,
): void {
  checkNumbers(`${prefix}weight`, weight, report);
  checkShares(`${prefix}density`, density, report);
}

function checkShares(
  field: string,
  setting: Setting | undefined,
  report: Report,
  name = field.slice(field.lastIndexOf(".") + 1),
): void {
  const shares = setting === undefined ? [] : valuesOf(setting);
  shares.forEach((share, i) => {
    if (!(share >= 0 && share <= 1)) report(`${field}.${i}`, `${name} must be from 0 to 1, not ${share}`);
  });
}

function checkNumbers(field: string, setting: Setting | undefined, report: Report): void {
  const name = field.slice(field.lastIndexOf(".") + 1);
  const values = setting === undefined ? [] : valuesOf(setting);
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) report(`${field}.${i}`, `${name} must be a finite number, not ${value}`);
  });
}

/** Slices keep every layer where it is: they follow one another from layer 0. */
function checkLayers({ slices = [] }: MergeSetInput, report: Report): void {
  let next = 0;
  slices.forEach(({ layers }, s) => {
    if (layers === null) {
      if (slices.length > 1) report(`slices.${s}`, "a slice among several needs its layers");
      return;
    }
    const [from, to] = layers;
    if (to <= from) report(`slices.${s}.layers`, `the layers end at ${to}, which is not behind their begin ${from}`);
    else if (from !== next) {
      report(
        `slices.${s}.layers`,
        `layers cannot be moved, left out or repeated here: this slice must begin at ${next}, not ${from}`,
      );
    }
    next = to;
  });
}

/** Weights that are the same for all tensors of a slice; those of single tensors are looked at when their names are known. */
function checkWeightSum(input: MergeSetInput, report: Report): void {
  for (const { models, normalize } of sliceParameters(input)) {
    const sum = models.reduce((total, { weight }) => (isPlain(weight) ? total + weight : NaN), 0);
    if (models.length === 0 || normalize !== true || !(Math.abs(sum) < SMALLEST_WEIGHT_SUM)) continue;
    report("models", `the weights add up to ${sum}, which \`normalize\` would divide by`);
    return;
  }
}

/** Every model needs a file of the statistics that the method works with. */
function checkStatistics(method: Method, input: MergeSetInput, report: Report): void {
  const key = statisticsKey(method);
  if (!key) return;
  if (method === "fisher") checkFisherWeights(input, report);
  else checkRegmean(input, report);
  const given = input[key];
  const models = input.models.length;
  if (given && given.length !== models) {
    const times = given.length === 1 ? "once" : `${given.length} times`;
    report(key, `\`--${key}\` is given ${times} for ${models} models; give it once for each, in their order`);
    return;
  }
  input.models.forEach((model, i) => {
    if (given || model[key]) return;
    const what = method === "fisher" ? "its Fisher values" : "the Gram matrices of its inputs";
    const name = checkpointName(model.path) || `model ${i + 1}`;
    report(`models.${i}`, `\`${method}\` needs \`${key}\` for ${name}: the safetensors file with ${what}`);
  });
}

/** Every weight that is said, with its field. */
function weightsOf({ weight, models, slices = [] }: MergeSetInput): { field: string; value: number }[] {
  const settings = [
    ["weight", weight] as const,
    ...models.map((model, i) => [`models.${i}.weight`, model.weight] as const),
    ...slices.flatMap((slice, s) => [
      [`slices.${s}.weight`, slice.weight] as const,
      ...slice.models.map((model, i) => [`slices.${s}.models.${i}.weight`, model.weight] as const),
    ]),
  ];
  return settings.flatMap(([field, setting]) =>
    setting === undefined ? [] : valuesOf(setting).map((value, i) => ({ field: `${field}.${i}`, value })),
  );
}

function checkFisherWeights(input: MergeSetInput, report: Report): void {
  for (const { field, value } of weightsOf(input)) {
    if (value < 0) report(field, `\`fisher\` takes no weight below 0, such as ${value}`);
  }
  const all = sliceParameters(input).flatMap(({ models }) => models.flatMap(({ weight }) => valuesOf(weight)));
  if (all.length > 0 && all.every((weight) => weight === 0)) {
    report("models", "all weights are 0: there is nothing to merge");
  }
}

/** What weighs the models instead. */
const WEIGHED_BY: Readonly<Partial<Record<Method, string>>> = {
  slerp: "`t` says how far it goes",
  model_stock: "the angles between the models weigh them",
  sce: "the squares of their task vectors weigh the models",
};

/** Methods that find the weights themselves, in what the models differ. */
function checkMeasured(method: Method, input: MergeSetInput, report: Report): void {
  const { models } = withEndpoints(input);
  if (method === "slerp" && models.length !== 2) {
    const base = input.base ? ", the base and one other" : "";
    report("models", `\`slerp\` goes between two models${base}; here are ${models.length}`);
  }
  if ((method === "model_stock" || keepsVaried(method)) && mergedIndices(input).length < 2) {
    report("models", `\`${method}\` needs two models or more beside the base`);
  }
  for (const { field, value } of weightsOf(input)) {
    if (value === 1) continue;
    const instead = WEIGHED_BY[method] ?? "";
    report(field, `\`${method}\` takes no weights: ${instead}; leave \`weight\` out`);
  }
}

function checkRegmean(input: MergeSetInput, report: Report): void {
  const { alpha } = input;
  if (alpha !== undefined && !(alpha >= 0 && alpha <= 1)) report("alpha", `alpha must be from 0 to 1, not ${alpha}`);
  for (const { field, value } of weightsOf(input)) {
    if (value === 1) continue;
    report(field, "`regmean` takes no weights: the Gram matrices weigh the models; leave `weight` out");
  }
}
