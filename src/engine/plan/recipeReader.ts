/** Reads a recipe's document into what was said about a merge, and notes what cannot be read. */
import type { Node } from "yaml";
import { METHODS } from "../../protocol/mergeSet";
import type { FloatDtype } from "../../protocol/mergeSet";
import { DTYPE_NAMES, floatDtypeNamed } from "./floatDtypeName";
import { mergeSetProblems } from "./mergeSetProblems";
import type { MergeSetInput, ModelInput } from "./mergeSetInput";
import { suggestion } from "./nearestName";
import type { Entry, RecipeDocument } from "./recipeDocument";
import { RecipeFields, said } from "./recipeFields";
import { REFUSED_KEYS, TOP_LEVEL_KEYS, UNUSED_KEYS } from "./recipeKeys";
import { readModels, readSlices } from "./recipeModels";
import { readParameters } from "./recipeParameters";
import { checkpointNode } from "./recipePaths";
import type { RecipePaths } from "./recipePaths";

export class RecipeReader {
  readonly fields: RecipeFields;

  constructor(
    private readonly document: RecipeDocument,
    private readonly paths: RecipePaths,
  ) {
    this.fields = new RecipeFields(document);
  }

  read(root: Node): MergeSetInput {
    const { document, fields, paths } = this;
    const entries = said(document, document.entries(root, "a recipe", TOP_LEVEL_KEYS, REFUSED_KEYS));
    const parameters = entries.get("parameters");
    const input: MergeSetInput = {
      compat: "mergekit",
      models: [],
      ...(parameters ? readParameters(fields, parameters.value) : {}),
    };
    input.method = fields.take(entries, "merge_method", "method", (node) => {
      return document.word(node, "merge_method", METHODS);
    });
    input.base = fields.take(entries, "base_model", "base", (node) => {
      return checkpointNode(document, paths, node, "base_model");
    });
    const models = fields.take(entries, "models", "models", (node) => readModels(fields, paths, node));
    if (models) input.models = withMergekitsBase(input, models);
    const slices = entries.get("slices");
    if (slices && entries.has("models")) {
      document.report(slices.key, "a recipe has either `models` or `slices`, not both");
    } else if (slices) {
      Object.assign(
        input,
        fields.take(entries, "slices", "slices", (node) => readSlices(fields, paths, node)),
      );
      fields.place("models", slices.value);
    }
    const dtype = fields.take(entries, "dtype", "dtype", (node) => this.dtype(node));
    input.outDtype = fields.take(entries, "out_dtype", "outDtype", (node) => this.dtype(node)) ?? dtype;
    this.checkTokenizerSource(entries.get("tokenizer_source"));
    return input;
  }

  /** Notes what is wrong with the values, what is missing, and what has no effect. */
  checkWhole(input: MergeSetInput): void {
    if (!input.method) this.fields.report("method", "`merge_method` is missing, such as `merge_method: ties`");
    // Of a recipe without a method, only what is wrong for every method can be said.
    const whole: MergeSetInput = input.method ? input : { ...input, method: "linear", normalize: false };
    for (const { field, message } of mergeSetProblems(whole)) this.fields.report(field, message);
    if (input.method) this.warnOfUnused(input.method);
  }

  private warnOfUnused(method: keyof typeof UNUSED_KEYS): void {
    for (const { key, node } of this.fields.keys) {
      if (!UNUSED_KEYS[method].includes(key)) continue;
      this.document.report(node, `\`${key}\` has no effect on \`${method}\``, "warning");
    }
  }

  private dtype(node: Node | null): FloatDtype | undefined {
    const name = this.document.text(node, "a dtype");
    const dtype = name === undefined ? undefined : floatDtypeNamed(name);
    if (name !== undefined && !dtype) {
      this.document.report(node, `unknown dtype \`${name}\`${suggestion(name, DTYPE_NAMES)}`);
    }
    return dtype;
  }

  private checkTokenizerSource(entry: Entry | undefined): void {
    if (!entry) return;
    const source = this.document.text(entry.value, "`tokenizer_source`");
    if (source === undefined || source === "base") return;
    this.document.report(entry.value, `only \`tokenizer_source: base\` can be honoured, not \`${source}\``);
  }
}

/**
 * mergekit counts a base that is not listed under `models` as a last model. `ties` and `task_arithmetic` pass it
 * over; `linear` averages it too when a `weight` for all models stands at the top (without one mergekit fails, and
 * here the base only lends its configuration and tokenizer). To slices it adds no base.
 */
function withMergekitsBase({ method, base, weight }: MergeSetInput, models: ModelInput[]): ModelInput[] {
  const counts = method === "linear" && typeof base === "string" && weight !== undefined;
  return counts && models.every(({ path }) => path !== base) ? [...models, { path: base }] : models;
}
