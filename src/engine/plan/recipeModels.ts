/** The models of a recipe: those listed under `models`, or the sources of `slices`. */
import type { Node } from "yaml";
import { checkpointNode, statisticsNode, type RecipePaths } from "./recipePaths";
import {
  MODEL_KEYS,
  MODEL_PARAMETER_KEYS,
  REFUSED_SLICE_KEYS,
  SLICE_KEYS,
  SLICE_PARAMETER_KEYS,
  SOURCE_KEYS,
  STATISTICS_KEYS,
} from "./recipeKeys";
import { said, type RecipeFields } from "./recipeFields";
import type { Entry } from "./recipeDocument";
import { readNumbers } from "./recipeSetting";
import { readSliceParameters } from "./recipeParameters";
import type { ModelInput, SliceInput } from "./mergeSetInput";

/** The list under `models`. A model without a readable path stays in it, so that positions and counts are right. */
export function readModels(fields: RecipeFields, paths: RecipePaths, node: Node | null): ModelInput[] | undefined {
  const { document } = fields;
  return document.items(node, "`models`")?.map((item, i) => {
    fields.place(`models.${i}`, item);
    const entries = said(document, document.entries(item, "each model", MODEL_KEYS));
    return {
      path: readPath(fields, paths, item, entries, "a model") ?? "",
      ...readModelParameters(fields, paths, entries, `models.${i}.`, `models.${i}.`),
    };
  });
}

export interface SlicedModels {
  models: ModelInput[];
  slices: SliceInput[];
}

/**
 * The slices of a recipe, where they keep every layer of all models at its place: in each slice all models have the
 * same range. That the ranges follow one another from 0 is for the merge set to check.
 */
export function readSlices(fields: RecipeFields, paths: RecipePaths, node: Node | null): SlicedModels | undefined {
  const { document } = fields;
  const items = document.items(node, "`slices`");
  if (!items) return undefined;
  let models: string[] | null = null;
  const statistics = new Map<string, Statistics>();
  const slices = items.map((item, s): SliceInput => {
    fields.place(`slices.${s}`, item);
    const entries = said(document, document.entries(item, "each slice", SLICE_KEYS, REFUSED_SLICE_KEYS));
    const sources = readSources(fields, paths, item, entries.get("sources"), s);
    models ??= sources.map(({ path }) => path);
    gatherStatistics(fields, sources, statistics);
    const layers = commonLayers(fields, sources);
    if (!layers) fields.skip(`slices.${s}`);
    const parameters = entries.get("parameters");
    const known = parameters && document.entries(parameters.value, "a slice's `parameters`", SLICE_PARAMETER_KEYS);
    return {
      layers,
      models: alignWith(fields, models, sources, item),
      ...(known ? readSliceParameters(fields, known, `slices.${s}.`) : {}),
    };
  });
  return { models: (models ?? []).map((path) => ({ path, ...statistics.get(path) })), slices };
}

interface Source {
  node: Node;
  path: string;
  layers: [number, number] | undefined;
  layersNode: Node | null;
  parameters: Pick<ModelInput, "weight" | "density">;
  statistics: Statistics;
}

type Statistics = Pick<ModelInput, (typeof STATISTICS_KEYS)[number]>;

/** The statistics of a model are those of all its slices; one of them has to name the file. */
function gatherStatistics(
  { document }: RecipeFields,
  sources: readonly Source[],
  known: Map<string, Statistics>,
): void {
  for (const { path, node, statistics } of sources) {
    const before = known.get(path) ?? {};
    for (const key of STATISTICS_KEYS) {
      if (before[key] === undefined || statistics[key] === undefined || before[key] === statistics[key]) continue;
      document.report(
        node,
        `a model has one file of \`${key}\` for all slices, and another slice names ${before[key]}`,
      );
    }
    known.set(path, { ...statistics, ...before });
  }
}

function readSources(
  fields: RecipeFields,
  paths: RecipePaths,
  slice: Node,
  sources: Entry | undefined,
  s: number,
): Source[] {
  const { document } = fields;
  if (!sources) {
    document.report(slice, "a slice needs the key `sources` with its models");
    return [];
  }
  const items = document.items(sources.value, "`sources`") ?? [];
  return items.map((node, i): Source => {
    const entries = said(document, document.entries(node, "each source", SOURCE_KEYS));
    const path = readPath(fields, paths, node, entries, "a source") ?? "";
    const range = entries.get("layer_range");
    if (!range) document.report(node, "a source needs the key `layer_range`, such as `layer_range: [0, 32]`");
    else fields.place(`slices.${s}.layers`, fields.placeOf(`slices.${s}.layers`) ?? range.value);
    const { weight, density, ...statistics } = readModelParameters(
      fields,
      paths,
      entries,
      `slices.${s}.models.${i}.`,
      `models.${i}.`,
    );
    return {
      node,
      path,
      layers: range && readRange(fields, range.value),
      layersNode: range?.value ?? null,
      parameters: { ...(weight === undefined ? {} : { weight }), ...(density === undefined ? {} : { density }) },
      statistics,
    };
  });
}

function readRange({ document }: RecipeFields, node: Node | null): [number, number] | undefined {
  const items = document.kindOf(node) === "list" ? document.items(node, "`layer_range`") : undefined;
  const numbers = items?.map((item) => document.number(item, "`layer_range`"));
  if (
    numbers?.length === 2 &&
    numbers.every((number) => number !== undefined && Number.isInteger(number) && number >= 0)
  ) {
    return numbers as [number, number];
  }
  if (!numbers?.includes(undefined)) {
    document.report(
      node,
      "`layer_range` must be two whole numbers: the first layer, and the first that is not part of it",
    );
  }
  return undefined;
}

/** The range of all sources of a slice; where they differ, layers would be stacked anew. */
function commonLayers({ document }: RecipeFields, sources: readonly Source[]): [number, number] | null {
  const [first] = sources.flatMap(({ layers }) => (layers ? [layers] : []));
  if (!first) return null;
  for (const { layers, layersNode } of sources) {
    if (!layers || (layers[0] === first[0] && layers[1] === first[1])) continue;
    document.report(
      layersNode,
      `all sources of a slice need the same layers, here [${first.join(", ")}]: layers are not stacked anew`,
    );
  }
  return first;
}

/** The parameters of a slice's sources in the order of the models, which every slice must have. */
function alignWith(
  { document }: RecipeFields,
  models: readonly string[],
  sources: readonly Source[],
  slice: Node,
): SliceInput["models"] {
  for (const [i, { path, node }] of sources.entries()) {
    if (sources.findIndex((other) => other.path === path) < i) {
      document.report(node, "this model stands in the slice a second time");
    } else if (!models.includes(path)) {
      document.report(node, "every slice needs the same models as the first: this one is not there");
    }
  }
  const isMissing = (path: string): boolean => sources.every((source) => source.path !== path);
  if (sources.length > 0 && models.some(isMissing)) {
    const missing = models.filter(isMissing).join(", ");
    document.report(slice, `every slice needs the same models as the first: here ${missing} is missing`);
  }
  return models.map((path) => sources.find((source) => source.path === path)?.parameters ?? {});
}

function readPath(
  fields: RecipeFields,
  paths: RecipePaths,
  item: Node,
  entries: ReadonlyMap<string, Entry>,
  what: string,
): string | undefined {
  const model = entries.get("model");
  if (model) return checkpointNode(fields.document, paths, model.value, "model");
  fields.document.report(item, `${what} needs the key \`model\` with the path of its checkpoint`);
  return undefined;
}

/** What is said of a model: settings under its `parameters`, files of its statistics there or beside them. */
function readModelParameters(
  fields: RecipeFields,
  paths: RecipePaths,
  entries: ReadonlyMap<string, Entry>,
  prefix: string,
  statisticsPrefix: string,
): Pick<ModelInput, "weight" | "density"> & Statistics {
  const beside = readStatistics(fields, paths, entries, statisticsPrefix);
  const parameters = entries.get("parameters");
  if (!parameters) return beside;
  const keys = [...MODEL_PARAMETER_KEYS, ...STATISTICS_KEYS];
  const known = fields.document.entries(parameters.value, "a model's `parameters`", keys);
  return {
    ...beside,
    ...readStatistics(fields, paths, known, statisticsPrefix),
    ...weightAndDensity(fields, known, prefix),
  };
}

function readStatistics(
  fields: RecipeFields,
  paths: RecipePaths,
  entries: ReadonlyMap<string, Entry>,
  prefix: string,
): Statistics {
  const found: Statistics = {};
  for (const key of STATISTICS_KEYS) {
    const path = fields.take(entries, key, prefix + key, (node) => statisticsNode(fields.document, paths, node, key));
    if (path !== undefined) found[key] = path;
  }
  return found;
}

/** Weight and density where they are said. */
function weightAndDensity(
  fields: RecipeFields,
  entries: ReadonlyMap<string, Entry>,
  prefix: string,
): Pick<ModelInput, "weight" | "density"> {
  const found = MODEL_PARAMETER_KEYS.flatMap((key) => {
    const field = prefix + key;
    const setting = fields.take(entries, key, field, (node) => readNumbers(fields, node, key, field));
    return setting === undefined ? [] : [[key, setting] as const];
  });
  return Object.fromEntries(found);
}
