/** Merge sets from what a person chose: the defaults and the checks that recipes, flags and the editor share. */
import { MergeError } from "../../protocol/errors";
import { DEFAULT_ALPHA, DEFAULT_DENSITY, PRESETS, usesTaskVectors } from "../../protocol/mergeSet";
import type { Compat, FloatDtype, MergeSet, Method, TiesRules } from "../../protocol/mergeSet";
import { SMALLEST_WEIGHT_SUM } from "../merge/disjointMerge";
import { checkpointName, modelNames } from "./modelNames";

export interface ModelInput {
  /** Absolute path of the checkpoint. */
  path: string;
  weight?: number;
  density?: number;
  /** Absolute paths of its statistics. */
  fisher?: string;
  gram?: string;
}

/** What was said about a merge; what was not said takes its default. A `MergeSet` is one too. */
export interface MergeSetInput {
  method?: Method;
  compat?: Compat;
  base?: string | null;
  models: readonly ModelInput[];
  /** Weight and density of every model that has none of its own. */
  weight?: number;
  density?: number;
  lambda?: number;
  /** Single rules over those of the preset. */
  rules?: Partial<TiesRules>;
  /** Divide by the weights; for `ties` the same as `rules.normalize`. */
  normalize?: boolean;
  /** Statistics of the models in their order, in place of those that the models name. */
  fisher?: readonly string[];
  gram?: readonly string[];
  normalizeFisher?: boolean;
  alpha?: number;
  include?: readonly string[];
  exclude?: readonly string[];
  nonFinite?: MergeSet["nonFinite"];
  nonFloat?: MergeSet["nonFloat"];
  outDtype?: FloatDtype | null;
}

/** One thing wrong with a merge; `field` is the path of the field in `MergeSetInput`, such as `models.1.weight`. */
export interface MergeSetProblem {
  field: string;
  message: string;
}

const DEFAULT_METHOD: Method = "ties";
const DEFAULT_COMPAT: Compat = "reference";
/** The key under which a model names the statistics of a method. */
const STATISTICS_KEYS = { fisher: "fisher", regmean: "gram" } as const satisfies Partial<Record<Method, string>>;

/**
 * The merge set that `input` stands for, every field resolved. What a method does not use takes one fixed value,
 * so that two sets that merge alike are equal. The base itself is no model of `ties` and `task_arithmetic`: its
 * task vector is 0. Throws `merge-set-invalid` with everything that is wrong.
 */
export function createMergeSet(input: MergeSetInput): MergeSet {
  const problems = mergeSetProblems(input);
  if (problems.length > 0) {
    const list = problems.map(({ message }) => message).join("; ");
    throw new MergeError("merge-set-invalid", { where: "", count: problems.length, list });
  }
  const { method = DEFAULT_METHOD, compat = DEFAULT_COMPAT } = input;
  const models = mergedModels(input);
  const names = modelNames(models.map(({ path }) => path));
  const isTies = method === "ties";
  const density = (model: ModelInput): number => model.density ?? input.density ?? DEFAULT_DENSITY[compat];
  const rules = isTies ? tiesRules(input, compat) : { ...PRESETS[compat] };
  return {
    method,
    compat,
    base: input.base ?? null,
    models: models.map((model, i) => ({
      path: model.path,
      name: names[i] ?? checkpointName(model.path),
      weight: weightOf(model, input),
      density: isTies ? density(model) : 1,
      ...statisticsOf(method, model, input.models.indexOf(model), input),
    })),
    lambda: usesTaskVectors(method) ? (input.lambda ?? 1) : 1,
    rules,
    normalize: isTies ? rules.normalize : normalizeOf(input),
    normalizeFisher: method === "fisher" && (input.normalizeFisher ?? false),
    alpha: method === "regmean" ? (input.alpha ?? DEFAULT_ALPHA) : DEFAULT_ALPHA,
    include: [...(input.include ?? [])],
    exclude: [...(input.exclude ?? [])],
    nonFinite: input.nonFinite ?? "error",
    nonFloat: input.nonFloat ?? "error",
    outDtype: input.outDtype ?? null,
  };
}

/** Everything that is wrong with `input`, in the order of its fields. */
export function mergeSetProblems(input: MergeSetInput): MergeSetProblem[] {
  const problems: MergeSetProblem[] = [];
  const report = (field: string, message: string): void => void problems.push({ field, message });
  const { method = DEFAULT_METHOD } = input;

  if (usesTaskVectors(method) && !input.base) report("base", `\`${method}\` needs a base model`);
  checkModelCount(input, report);
  checkNumber("weight", input.weight, report);
  checkDensity("density", input.density, report);
  checkNumber("lambda", input.lambda, report);
  input.models.forEach((model, i) => {
    checkNumber(`models.${i}.weight`, model.weight, report);
    checkDensity(`models.${i}.density`, model.density, report);
  });
  if (method !== "ties" && normalizeOf(input)) checkWeightSum(input, report);
  if (method === "fisher" || method === "regmean") checkStatistics(method, input, report);
  if (method === "fisher") checkFisherWeights(input, report);
  if (method === "regmean") checkRegmean(input, report);
  for (const field of ["include", "exclude"] as const) {
    if (input[field]?.includes("")) report(field, `an empty pattern under \`${field}\` matches nothing`);
  }
  return problems;
}

type Report = (field: string, message: string) => void;

function checkModelCount(input: MergeSetInput, report: Report): void {
  if (input.models.length === 0) report("models", "at least one model is needed");
  else if (mergedModels(input).length === 0) report("models", "there is no model beside the base");
}

function checkNumber(field: string, value: number | undefined, report: Report): void {
  if (value !== undefined && !Number.isFinite(value))
    report(field, `${lastPart(field)} must be a finite number, not ${value}`);
}

function checkDensity(field: string, value: number | undefined, report: Report): void {
  if (value !== undefined && !(value >= 0 && value <= 1)) report(field, `density must be from 0 to 1, not ${value}`);
}

function checkWeightSum(input: MergeSetInput, report: Report): void {
  const sum = mergedModels(input).reduce((total, model) => total + weightOf(model, input), 0);
  if (input.models.length > 0 && Math.abs(sum) < SMALLEST_WEIGHT_SUM) {
    report("models", `the weights add up to ${sum}, which \`normalize\` would divide by`);
  }
}

/** Every model needs a file of the statistics that the method works with. */
function checkStatistics(method: "fisher" | "regmean", input: MergeSetInput, report: Report): void {
  const key = STATISTICS_KEYS[method];
  const given = input[key];
  if (given && given.length !== input.models.length) {
    report(
      key,
      `\`--${key}\` is given ${given.length === 1 ? "once" : `${given.length} times`} for ${input.models.length} models; give it once for each, in their order`,
    );
    return;
  }
  input.models.forEach((model, i) => {
    if (given || model[key]) return;
    const what = method === "fisher" ? "its Fisher values" : "the Gram matrices of its inputs";
    const name = checkpointName(model.path) || `model ${i + 1}`;
    report(`models.${i}`, `\`${method}\` needs \`${key}\` for ${name}: the safetensors file with ${what}`);
  });
}

function checkFisherWeights(input: MergeSetInput, report: Report): void {
  input.models.forEach((model, i) => {
    const weight = weightOf(model, input);
    if (weight < 0) report(`models.${i}.weight`, `\`fisher\` takes no weight below 0, such as ${weight}`);
  });
  if (input.models.length > 0 && input.models.every((model) => weightOf(model, input) === 0)) {
    report("models", "all weights are 0: there is nothing to merge");
  }
}

function checkRegmean(input: MergeSetInput, report: Report): void {
  const { alpha } = input;
  if (alpha !== undefined && !(alpha >= 0 && alpha <= 1)) report("alpha", `alpha must be from 0 to 1, not ${alpha}`);
  input.models.forEach((model, i) => {
    if (weightOf(model, input) === 1) return;
    report(`models.${i}.weight`, "`regmean` takes no weights: the Gram matrices weigh the models; leave `weight` out");
  });
}

/** The models that take part: the base is none of those whose task vectors are merged, since its own is 0. */
function mergedModels({ method = DEFAULT_METHOD, base, models }: MergeSetInput): readonly ModelInput[] {
  return usesTaskVectors(method) ? models.filter(({ path }) => path !== base) : models;
}

/** The statistics of one model that the method works with. */
function statisticsOf(
  method: Method,
  model: ModelInput,
  index: number,
  input: MergeSetInput,
): { fisher?: string; gram?: string } {
  if (method !== "fisher" && method !== "regmean") return {};
  const key = STATISTICS_KEYS[method];
  return { [key]: input[key]?.[index] ?? model[key] };
}

/** The preset's rules, single ones replaced by what was said. */
function tiesRules(input: MergeSetInput, compat: Compat): TiesRules {
  const normalize = input.rules?.normalize ?? input.normalize ?? PRESETS[compat].normalize;
  const said = Object.entries(input.rules ?? {}).filter(([, value]) => value !== undefined);
  return { ...PRESETS[compat], ...Object.fromEntries(said), normalize };
}

const weightOf = (model: ModelInput, input: MergeSetInput): number => model.weight ?? input.weight ?? 1;
const normalizeOf = ({ method, normalize }: MergeSetInput): boolean =>
  method !== "fisher" && method !== "regmean" && (normalize ?? method === "linear");
const lastPart = (field: string): string => field.slice(field.lastIndexOf(".") + 1);
