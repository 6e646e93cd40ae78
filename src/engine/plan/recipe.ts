/**
 * Recipes: a merge set in a YAML file, in mergekit's format with keys of our own under `parameters`.
 * All problems are found before anything is read, each with its line and column.
 */
import type { Node } from "yaml";
import { MergeError } from "../../protocol/errors";
import { COMPATS, METHODS } from "../../protocol/mergeSet";
import type { FloatDtype, MergeSet, TiesRules } from "../../protocol/mergeSet";
import { createMergeSet, mergeSetProblems } from "./createMergeSet";
import type { MergeSetInput, ModelInput } from "./createMergeSet";
import { DTYPE_NAMES, floatDtypeNamed } from "./floatDtypeName";
import { looksLikeHubId } from "./hubId";
import { suggestion } from "./nearestName";
import { RecipeDocument } from "./recipeDocument";
import type { Entry, RecipeProblem } from "./recipeDocument";
import {
  MODEL_KEYS,
  MODEL_PARAMETER_KEYS,
  PARAMETER_KEYS,
  POLICY_KEYS,
  REFUSED_KEYS,
  RULE_KEYS,
  STATISTICS_KEYS,
  TOP_LEVEL_KEYS,
} from "./recipeKeys";

export interface RecipeOptions {
  /** Name of the file, for messages. */
  file: string;
  /** A path of the recipe as an absolute path. */
  resolvePath(path: string): string;
  /** Whether anything is at an absolute path; without it, paths are not looked at. */
  exists?(path: string): boolean;
  /** What stands above the recipe, such as flags: applied before anything is found missing. */
  override?(input: MergeSetInput): MergeSetInput;
}

/** Problems that are listed; the others are counted. */
const MAX_LISTED_PROBLEMS = 20;

/** The merge set of a recipe. Throws `recipe-invalid` with all problems as `file:line:column message`. */
export function parseRecipe(text: string, options: RecipeOptions): MergeSet {
  const { set, problems } = checkRecipe(text, options);
  if (set) return set;
  const lines = problems.slice(0, MAX_LISTED_PROBLEMS).map(({ line, column, message }) => {
    return `${options.file}:${line}:${column} ${message}`;
  });
  if (problems.length > lines.length) lines.push(`and ${problems.length - lines.length} more`);
  throw new MergeError("recipe-invalid", { where: options.file, count: problems.length, list: lines.join("\n") });
}

/** The merge set of a recipe, or what is wrong with it in the order of its lines. */
export function checkRecipe(
  text: string,
  options: RecipeOptions,
): { set: MergeSet; problems: [] } | { set: null; problems: RecipeProblem[] } {
  const document = new RecipeDocument(text);
  if (document.root) {
    const reader = new RecipeReader(document, options);
    const read = reader.read(document.root);
    const input = options.override?.(read) ?? read;
    reader.checkWhole(input);
    if (document.problems.length === 0) return { set: createMergeSet(input), problems: [] };
  }
  const problems = [...document.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return { set: null, problems };
}

class RecipeReader {
  /** Where each field of the input stands. */
  private readonly nodes = new Map<string, Node | null>();
  /** Fields that stand in the recipe but could not be read: they are not missing. */
  private readonly unreadable = new Set<string>();

  constructor(
    private readonly document: RecipeDocument,
    private readonly options: RecipeOptions,
  ) {}

  read(root: Node): MergeSetInput {
    const entries = this.said(this.document.entries(root, "a recipe", TOP_LEVEL_KEYS, REFUSED_KEYS));
    const input: MergeSetInput = { compat: "mergekit", models: [] };
    input.method = this.take(entries, "merge_method", "method", (node) => {
      return this.document.word(node, "merge_method", METHODS);
    });
    input.base = this.take(entries, "base_model", "base", (node) => this.checkpoint(node, "base_model"));
    const models = this.take(entries, "models", "models", (node) => this.models(node));
    const parameters = entries.get("parameters");
    if (parameters) this.readParameters(parameters, input);
    input.models = this.withMergekitsBase(input, models ?? []);
    const dtype = this.take(entries, "dtype", "dtype", (node) => this.dtype(node));
    input.outDtype = this.take(entries, "out_dtype", "outDtype", (node) => this.dtype(node)) ?? dtype;
    this.checkTokenizerSource(entries.get("tokenizer_source"));
    return input;
  }

  /** Notes what is wrong with the values and what is missing. */
  checkWhole(input: MergeSetInput): void {
    if (!input.method) this.reportField("method", "`merge_method` is missing, such as `merge_method: ties`");
    // Of a recipe without a method, only what is wrong for every method can be said.
    const whole: MergeSetInput = input.method ? input : { ...input, method: "linear", normalize: false };
    for (const { field, message } of mergeSetProblems(whole)) this.reportField(field, message);
  }

  /** The entries that say something: to mergekit, a key of a recipe or model without a value is not there. */
  private said(entries: Map<string, Entry>): Map<string, Entry> {
    return new Map([...entries].filter(([, { value }]) => !this.document.isNull(value)));
  }

  /** Notes a problem at the field, or at the nearest that stands around it. */
  private reportField(field: string, message: string): void {
    let name = field;
    if (this.unreadable.has(field)) return;
    while (!this.nodes.has(name) && name.includes(".")) name = name.slice(0, name.lastIndexOf("."));
    this.document.report(this.nodes.get(name) ?? this.document.root, message);
  }

  private models(node: Node | null): ModelInput[] | undefined {
    return this.document.items(node, "`models`")?.flatMap((item, i) => {
      this.nodes.set(`models.${i}`, item);
      const entries = this.said(this.document.entries(item, "each model", MODEL_KEYS));
      const model = entries.get("model");
      if (!model) this.document.report(item, "a model needs the key `model` with the path of its checkpoint");
      // A model without a readable path stays in the list, so that positions and counts are right.
      const choice: ModelInput = { path: (model && this.checkpoint(model.value, "model")) ?? "" };
      const parameters = entries.get("parameters");
      this.readStatistics(entries, choice, `models.${i}.`);
      if (parameters) {
        const known = [...MODEL_PARAMETER_KEYS, ...STATISTICS_KEYS];
        const own = this.readModelParameters(parameters, choice, `models.${i}.`, known);
        this.readStatistics(own, choice, `models.${i}.`);
      }
      return [choice];
    });
  }

  private readModelParameters(
    { value }: Entry,
    target: { weight?: number; density?: number },
    prefix: string,
    known: readonly string[],
  ): Map<string, Entry> {
    const what = prefix === "" ? "`parameters`" : "a model's `parameters`";
    const entries = this.document.entries(value, what, known);
    for (const key of MODEL_PARAMETER_KEYS) {
      const number = this.take(entries, key, prefix + key, (node) => this.document.number(node, `\`${key}\``));
      if (number !== undefined) target[key] = number;
    }
    return entries;
  }

  private readStatistics(entries: Map<string, Entry>, target: ModelInput, prefix: string): void {
    for (const key of STATISTICS_KEYS) {
      const path = this.take(entries, key, prefix + key, (node) => this.statisticsFile(node, key));
      if (path !== undefined) target[key] = path;
    }
  }

  private readParameters(parameters: Entry, input: MergeSetInput): void {
    const entries = this.readModelParameters(parameters, input, "", PARAMETER_KEYS);
    const { document } = this;
    input.lambda = this.take(entries, "lambda", "lambda", (node) => document.number(node, "`lambda`"));
    input.normalize = this.take(entries, "normalize", "normalize", (node) => document.boolean(node, "`normalize`"));
    input.compat =
      this.take(entries, "compat", "compat", (node) => document.word(node, "compat", COMPATS)) ?? "mergekit";
    const isTrue = (node: Node | null): boolean | undefined => document.boolean(node, "`normalize_fisher`");
    input.normalizeFisher = this.take(entries, "normalize_fisher", "normalizeFisher", isTrue);
    input.alpha = this.take(entries, "alpha", "alpha", (node) => document.number(node, "`alpha`"));
    // A mask of 8 bits a value changes how mergekit stores masks, not what it computes.
    this.take(entries, "int8_mask", "int8_mask", (node) => document.boolean(node, "`int8_mask`"));
    const rescale = entries.get("rescale");
    if (rescale && document.boolean(rescale.value, "`rescale`")) {
      document.report(rescale.key, "`rescale: true` cannot be honoured: what trimming keeps is not rescaled here");
    }
    const rules: Partial<TiesRules> = {};
    for (const [key, { field, words }] of Object.entries(RULE_KEYS)) {
      const word = this.take(entries, key, `rules.${field}`, (node) => document.word<string>(node, key, words));
      if (word !== undefined) Object.assign(rules, { [field]: word });
    }
    input.rules = rules;
    for (const [key, { field, words }] of Object.entries(POLICY_KEYS)) {
      const word = this.take(entries, key, field, (node) => document.word<string>(node, key, words));
      if (word !== undefined) Object.assign(input, { [field]: word });
    }
    for (const key of ["include", "exclude"] as const) {
      input[key] = this.take(entries, key, key, (node) => document.texts(node, `\`${key}\``));
    }
  }

  /**
   * mergekit counts a base that is not listed as a last model. `ties` and `task_arithmetic` pass it over; `linear`
   * averages it too when a `weight` for all models stands at the top (without one mergekit fails, and here the base
   * only lends its configuration and tokenizer).
   */
  private withMergekitsBase({ method, base, weight }: MergeSetInput, models: ModelInput[]): ModelInput[] {
    const counts = method === "linear" && typeof base === "string" && weight !== undefined;
    return counts && models.every(({ path }) => path !== base) ? [...models, { path: base }] : models;
  }

  private checkpoint(node: Node | null, what: string): string | undefined {
    const written = this.document.text(node, `\`${what}\``);
    if (written === undefined) return undefined;
    const path = this.options.resolvePath(written);
    if (this.options.exists && !this.options.exists(path)) {
      this.document.report(
        node,
        looksLikeHubId(written)
          ? `\`${written}\` is not a folder here but looks like a model of a hub: download it first and give its folder`
          : `there is no checkpoint at ${path}`,
      );
    }
    return path;
  }

  private statisticsFile(node: Node | null, key: string): string | undefined {
    const written = this.document.text(node, `\`${key}\``);
    if (written === undefined) return undefined;
    const path = this.options.resolvePath(written);
    if (this.options.exists && !this.options.exists(path)) this.document.report(node, `there is no file at ${path}`);
    return path;
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

  /** Reads an entry where there is one, and remembers where it stands. */
  private take<Value>(
    entries: Map<string, Entry>,
    key: string,
    field: string,
    read: (node: Node | null) => Value | undefined,
  ): Value | undefined {
    const entry = entries.get(key);
    if (!entry) return undefined;
    this.nodes.set(field, entry.value ?? entry.key);
    const value = read(entry.value);
    if (value === undefined) this.unreadable.add(field);
    return value;
  }
}
