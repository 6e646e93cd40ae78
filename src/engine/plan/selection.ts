/** What flags say about a merge, alone or on top of a recipe. */
import { electsSigns } from "../../protocol/mergeSet";
import type { Compat, FloatDtype, MergeSet, Method, TrimScope } from "../../protocol/mergeSet";
import { createMergeSet } from "./createMergeSet";
import { DEFAULT_METHOD } from "./mergeSetInput";
import type { MergeSetInput, ModelInput } from "./mergeSetInput";
import { withAdapters } from "./withAdapters";

/** What was not said is absent. */
export interface Selection {
  method?: Method;
  compat?: Compat;
  /** Absolute path. */
  base?: string;
  models?: readonly ModelInput[];
  /** Of every model. */
  density?: number;
  lambda?: number;
  trimScope?: TrimScope;
  /** Absolute paths of statistics, one a model. */
  fisher?: readonly string[];
  gram?: readonly string[];
  normalizeFisher?: boolean;
  alpha?: number;
  filterWise?: boolean;
  seed?: number;
  gamma?: number;
  rank?: number;
  epsilon?: number;
  t?: number;
  selectTopk?: number;
  include?: readonly string[];
  exclude?: readonly string[];
  nonFinite?: MergeSet["nonFinite"];
  nonFloat?: MergeSet["nonFloat"];
  vocab?: MergeSet["vocab"];
  missing?: MergeSet["missing"];
  outDtype?: FloatDtype;
}

/** The merge set of flags alone; `compat` is `reference` where none is named. Throws `merge-set-invalid`. */
export const mergeSetFromSelection = (
  selection: Selection,
  isAdapter: (path: string) => boolean = () => false,
): MergeSet => createMergeSet(withAdapters(withSelection({ compat: "reference", models: [] }, selection), isAdapter));

/**
 * `input` with the selection on top: a density is that of every model, models replace all models, and a compat
 * brings the rules of its preset with it in place of the single rules that stood before.
 */
export function withSelection(input: MergeSetInput, selection: Selection): MergeSetInput {
  const { models, density, compat, trimScope, ...replaced } = selection;
  const said = Object.fromEntries(Object.entries(replaced).filter(([, value]) => value !== undefined));
  const result: MergeSetInput = { ...input, ...said };
  if (models) {
    result.models = models;
    result.slices = withoutModels(result.slices);
  }
  if (density !== undefined) {
    result.density = density;
    result.models = result.models.map((model) => ({ ...model, density }));
    result.slices = result.slices?.map((slice) => ({
      ...slice,
      density: undefined,
      models: slice.models.map(({ weight }) => ({ weight })),
    }));
  }
  if (selection.lambda !== undefined) result.slices = result.slices?.map((slice) => ({ ...slice, lambda: undefined }));
  if (selection.t !== undefined) result.slices = result.slices?.map((slice) => ({ ...slice, t: undefined }));
  if (selection.selectTopk !== undefined) {
    result.slices = result.slices?.map((slice) => ({ ...slice, selectTopk: undefined }));
  }
  if (compat) Object.assign(result, { compat, rules: {} });
  if (compat && electsSigns(result.method ?? DEFAULT_METHOD)) {
    result.normalize = undefined;
    result.slices = result.slices?.map((slice) => ({ ...slice, normalize: undefined }));
  }
  if (trimScope) result.rules = { ...result.rules, trimScope };
  return result;
}

/** Other models have no parameters of their own in a slice. */
const withoutModels = (slices: MergeSetInput["slices"]): MergeSetInput["slices"] =>
  slices?.map((slice) => ({ ...slice, models: [] }));
