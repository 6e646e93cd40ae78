import { MergeError } from "../../protocol/errors";
import { FLOAT_DTYPES, type FloatDtype, type MergeSet } from "../../protocol/mergeSet";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import type { ModelConfig } from "../format/modelConfig";
import { elementCount, sortNames } from "../format/tensorEntry";
import { checkArchitecture, configDifferences } from "./architecture";
import { globFilter } from "./globFilter";
import { matchModel, type MatchRules, type ModelMatch } from "./matchModel";
import { sharedNames } from "./sharedTensors";
import { isFoundBy, isHead } from "./tiedWeights";
import { withUntiedHeads } from "./untiedHeads";
import { mismatchError, namedList, rowsBetween } from "./mismatches";

/** One tensor of the output with where it comes from. */
export interface MatchedTensor {
  name: string;
  /** Of what is merged: of a vocabulary, the rows that all have. */
  shape: number[];
  elements: number;
  /** In the output. Entries from `elements` on are the base's. */
  outShape: number[];
  /** Dtype in the base (averaging without a base: in the first model). */
  dtype: string;
  outDtype: string;
  /**
   * `merge`: floating entries, merged. `carry`: other dtypes, copied when all agree. `keep`: left out by
   * `include`/`exclude`, copied from the base. `shared`: the same as a merged tensor, and written a second time.
   */
  kind: "merge" | "carry" | "keep" | "shared";
  /** Of a shared tensor, the name of the one that is merged. */
  sharedWith: string | null;
  /** Where a tensor, or the rest of one, that is not merged is copied from. */
  template: TensorRef;
  base: TensorRef | null;
  /** A model that lacks the tensor has the base's. */
  models: TensorRef[];
  /** Arithmetic in float64: base and models are all F64. */
  wide: boolean;
}

/** What is known of the checkpoints beside their headers. */
export interface MatchContext {
  /** In the order of the models; null where there is none. */
  configs: { base: ModelConfig | null; models: readonly (ModelConfig | null)[] };
  /** Whether two tensors hold the same bytes; asked only of what may be one tensor under two names. */
  sameBytes(one: TensorRef, other: TensorRef): boolean;
  /** Takes what was done about tensors that are not the same in all, in a sentence each. */
  onNote(note: string): void;
}

export const isFloatDtype = (dtype: string): dtype is FloatDtype => (FLOAT_DTYPES as readonly string[]).includes(dtype);

/**
 * The tensors of a merge set, sorted by name (the order in which the paper's code flattens a model).
 * Throws `checkpoint-empty`, `tensors-mismatch`, `tensors-missing`, `vocabulary-differs` or `architecture-differs`, naming models, tensors
 * and what differs, before any weight is read.
 */
export function matchTensors(
  set: MergeSet,
  base: Checkpoint | null,
  models: readonly Checkpoint[],
  context: MatchContext,
): MatchedTensor[] {
  const included = globFilter(set.include, set.exclude);
  const config = base ? context.configs.base : context.configs.models[0];
  const empty = [...(base ? [base] : []), ...models].find(({ tensors }) => tensors.size === 0);
  if (empty) throw new MergeError("checkpoint-empty", { where: empty.path });
  const template = withUntiedHeads(base ?? models[0], models, {
    tied: config?.tied,
    wanted: (name) => set.missing === "error" && included(name),
    sameBytes: context.sameBytes,
    onHead: (head, embedding, t) =>
      context.onNote(
        `${set.models[t].name} has a ${head} of its own, for which ${ownerOf(set)} has ${embedding} (tied): merged and written apart`,
      ),
  });
  const matches = matchModels(set, template, models, included, context);
  if (![...template.tensors.keys()].some(included)) {
    throw new MergeError("nothing-included", { where: template.path, include: set.include.join(", ") || "*" });
  }
  const names = sortNames([...template.tensors.keys()]);
  const shared = sharedNames(
    names.filter((name) => included(name) && isFloatDtype(refOf(template.tensors, name).dtype)),
    template.tensors,
    matches.map((match) => match.tensors),
    context.sameBytes,
  );
  const left = new Set([...shared].flatMap(([name, owner]) => (isStoredOnce(name, owner, config) ? [name] : [])));
  for (const [name, owner] of shared) {
    const written = left.has(name) ? "merged and written once" : "merged once";
    context.onNote(`${name} is ${owner} under another name (tied): ${written}`);
  }
  const written = names.filter((name) => !left.has(name));
  const tensors = written.map((name): MatchedTensor => {
    const ref = refOf(template.tensors, name);
    const isMerged = included(name) && isFloatDtype(ref.dtype);
    const kind = shared.has(name) ? "shared" : isMerged ? "merge" : included(name) ? "carry" : "keep";
    const modelRefs = kind === "keep" ? [] : matches.map((match) => refOf(match.tensors, name));
    const all = base ? [ref, ...modelRefs] : modelRefs;
    const shape = isMerged ? commonShape(ref.shape, modelRefs) : ref.shape;
    return {
      name,
      shape,
      elements: elementCount(shape),
      outShape: ref.shape,
      dtype: ref.dtype,
      outDtype: isMerged ? (set.outDtype ?? ref.computed?.stored ?? ref.dtype) : ref.dtype,
      kind,
      sharedWith: shared.get(name) ?? null,
      template: ref,
      base: base ? ref : null,
      models: modelRefs,
      wide: all.every(({ dtype }) => dtype === "F64"),
    };
  });
  vocabularyNotes(tensors, ownerOf(set)).forEach(context.onNote);
  return tensors;
}

/** What a loader finds by the config is stored once; a state dict alone needs all its names. */
const isStoredOnce = (name: string, owner: string, config: ModelConfig | null): boolean =>
  config !== null && (config.tied !== false || !isHead(name)) && isFoundBy(name, owner);

/** What the template is called in messages. */
const ownerOf = ({ base }: MergeSet): string => (base === null ? "the first model" : "the base");

/** Every model against the template. Throws all mismatches of all of them. */
function matchModels(
  set: MergeSet,
  template: Checkpoint,
  models: readonly Checkpoint[],
  included: (name: string) => boolean,
  { configs, sameBytes, onNote }: MatchContext,
): ModelMatch[] {
  const owner = ownerOf(set);
  const rules: MatchRules = { included, vocab: set.vocab, missing: set.missing, owner, sameBytes };
  const ofTemplate = set.base === null ? configs.models[0] : configs.base;
  const matches = models.map((model, t) => {
    const label = set.models[t].name;
    const match = matchModel(template, model, { label, config: configs.models[t] }, rules);
    const differences = configDifferences(configs.models[t], ofTemplate);
    // Of adapters, other tensors are other ranks and modules.
    if (!model.adapter) checkArchitecture(match, differences, { model: label, base: owner, where: model.path });
    if (differences.length > 0) match.notes.push(`${label} is configured otherwise: ${differences.join(", ")}`);
    return match;
  });
  const mismatches = matches.flatMap((match) => match.mismatches);
  if (mismatches.length > 0) throw mismatchError(mismatches, template.path);
  matches.flatMap(({ notes }) => notes).forEach(onNote);
  return matches;
}

function refOf(tensors: ReadonlyMap<string, TensorRef>, name: string): TensorRef {
  const ref = tensors.get(name);
  if (!ref) throw new MergeError("internal", { where: name, message: "no such tensor" });
  return ref;
}

/** Shapes that may be merged differ in the number of rows at most. */
function commonShape(shape: number[], models: readonly TensorRef[]): number[] {
  if (models.every((model) => model.shape[0] === shape[0])) return shape;
  const [rows, ...row] = shape;
  return shape.length === 0 ? shape : [Math.min(rows, ...models.map((model) => model.shape[0])), ...row];
}

/** Which rows of a vocabulary are merged, tensors that are alike together. */
function vocabularyNotes(tensors: readonly MatchedTensor[], owner: string): string[] {
  const names = new Map<string, string[]>();
  for (const { name, kind, shape, outShape, models } of tensors) {
    if (kind !== "merge" || models.every((model) => model.shape[0] === outShape[0])) continue;
    const [common, all] = [shape[0], outShape[0]];
    const rest = all > common ? `; ${rowsBetween(common, all)} ${owner}'s` : "";
    const key = `the first ${common} rows are merged, which all have${rest}`;
    names.set(key, [...(names.get(key) ?? []), name]);
  }
  return [...names].map(([what, which]) => `${namedList(which, ", ")}: ${what}`);
}
