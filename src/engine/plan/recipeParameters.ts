/** The `parameters` of a recipe or of one of its slices. */
import type { Node } from "yaml";
import { COMPATS } from "../../protocol/mergeSet";
import type { Setting, TiesRules } from "../../protocol/mergeSet";
import type { MergeSetInput, SliceInput } from "./mergeSetInput";
import type { Entry } from "./recipeDocument";
import type { RecipeFields } from "./recipeFields";
import { MODEL_PARAMETER_KEYS, PARAMETER_KEYS, PATTERN_KEYS, POLICY_KEYS, RULE_KEYS } from "./recipeKeys";
import { readNumbers, readTruths } from "./recipeSetting";

type SliceSettings = Omit<SliceInput, "layers" | "models">;

/** What may be said of all layers or of those of a slice. */
export function readSliceParameters(
  fields: RecipeFields,
  entries: ReadonlyMap<string, Entry>,
  prefix: string,
): SliceSettings {
  const settings: SliceSettings = {};
  for (const key of [...MODEL_PARAMETER_KEYS, "lambda", "t"] as const) {
    const setting = fields.take(entries, key, prefix + key, (node) => readNumbers(fields, node, key, prefix + key));
    if (setting !== undefined) settings[key] = setting;
  }
  const selectTopk = fields.take(entries, "select_topk", `${prefix}selectTopk`, (node) =>
    readNumbers(fields, node, "select_topk", `${prefix}selectTopk`),
  );
  if (selectTopk !== undefined) settings.selectTopk = selectTopk;
  const truths = (key: string): Setting<boolean> | undefined =>
    fields.take(entries, key, prefix + key, (node) => readTruths(fields, node, key, prefix + key));
  const normalize = truths("normalize");
  if (normalize !== undefined) settings.normalize = normalize;
  // A mask of 8 bits a value changes how mergekit stores masks, not what it computes.
  truths("int8_mask");
  const rescale = truths("rescale");
  if (rescale !== undefined) settings.rescale = rescale;
  const rescaleKey = entries.get("rescale")?.key;
  if (rescaleKey) fields.place(`${prefix}rescale`, rescaleKey);
  return settings;
}

/** The `parameters` of a whole recipe. */
export function readParameters(fields: RecipeFields, node: Node | null): Partial<MergeSetInput> {
  const { document } = fields;
  const entries = document.entries(node, "`parameters`", PARAMETER_KEYS);
  const input: Partial<MergeSetInput> = readSliceParameters(fields, entries, "");
  const compat = fields.take(entries, "compat", "compat", (value) => document.word(value, "compat", COMPATS));
  if (compat) input.compat = compat;
  input.normalizeFisher = fields.take(entries, "normalize_fisher", "normalizeFisher", (value) => {
    return document.boolean(value, "`normalize_fisher`");
  });
  input.filterWise = fields.take(entries, "filter_wise", "filterWise", (value) => {
    return document.boolean(value, "`filter_wise`");
  });
  input.seed = fields.take(entries, "seed", "seed", (value) => document.number(value, "`seed`"));
  input.gamma = fields.take(entries, "gamma", "gamma", (value) => document.number(value, "`gamma`"));
  input.epsilon = fields.take(entries, "epsilon", "epsilon", (value) => document.number(value, "`epsilon`"));
  input.alpha = fields.take(entries, "alpha", "alpha", (value) => document.number(value, "`alpha`"));
  input.rank = fields.take(entries, "rank", "rank", (value) => document.number(value, "`rank`"));
  const rules: Partial<TiesRules> = {};
  for (const [key, { field, words }] of Object.entries(RULE_KEYS)) {
    const word = fields.take(entries, key, `rules.${field}`, (value) => document.word<string>(value, key, words));
    if (word !== undefined) Object.assign(rules, { [field]: word });
  }
  input.rules = rules;
  for (const [key, { field, words }] of Object.entries(POLICY_KEYS)) {
    const word = fields.take(entries, key, field, (value) => document.word<string>(value, key, words));
    if (word !== undefined) Object.assign(input, { [field]: word });
  }
  for (const key of PATTERN_KEYS) {
    input[key] = fields.take(entries, key, key, (value) => document.texts(value, `\`${key}\``));
  }
  return input;
}
