/** The tensors of one model, held against those of the base. */
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { isFloat } from "../format/dtypes";
import { areAlike } from "../format/likeTensors";
import type { ModelConfig } from "../format/modelConfig";
import { namedList, rowsBetween, shapeText, type Mismatch } from "./mismatches";
import { isHead, tiedName } from "./tiedWeights";
import { differInRows, isVocabularyTensor } from "./vocabulary";

export interface MatchRules {
  included(name: string): boolean;
  vocab: "error" | "common";
  missing: "error" | "base";
  /** What the template is called in messages. */
  owner: string;
  /** Whether two tensors hold the same bytes. */
  sameBytes(one: TensorRef, other: TensorRef): boolean;
}

export interface ModelMatch {
  /** The model's tensor for each included one of the template, at least; the template's own where it is to be taken. */
  tensors: ReadonlyMap<string, TensorRef>;
  mismatches: Mismatch[];
  /** What was done about tensors that are not the same in both, in sentences. */
  notes: string[];
  /** Included tensors of the template, and those that the model has with this name and shape, rows apart. */
  total: number;
  fitting: number;
}

/** Holds `model` against `template`, the base, or without one the first model. */
export function matchModel(
  template: Checkpoint,
  model: Checkpoint,
  { label, config }: { label: string; config: ModelConfig | null },
  rules: MatchRules,
): ModelMatch {
  if (areAlike(template, model)) return fitting(model);
  const matched = new Map<string, TensorRef>();
  const match: ModelMatch = { tensors: matched, mismatches: [], notes: [], total: 0, fitting: 0 };
  const missing: string[] = [];
  const used = new Set<string>();
  for (const [name, ref] of template.tensors) {
    if (!rules.included(name)) continue;
    match.total++;
    const stored = model.tensors.get(name);
    const tied = stored ? undefined : tiedTo(name, ref, model, config);
    const theirs = stored ?? tied;
    if (tied) {
      used.add(tied.name);
      match.notes.push(`${label} stores ${name} once with ${tied.name} (tied): that is merged`);
    }
    if (!theirs) {
      missing.push(name);
      matched.set(name, ref);
      continue;
    }
    const mismatch = mismatchOf(name, ref, theirs, label, rules);
    if (mismatch) match.mismatches.push(mismatch);
    if (!mismatch || mismatch.kind === "rows") match.fitting++;
    matched.set(name, theirs);
  }
  takeMissing(match, missing, label, rules);
  passOver(match, extrasOf(template, model, used, rules), model, label, rules);
  return match;
}

/** A model that has the template's tensors, all alike, and no others. */
const fitting = ({ tensors }: Checkpoint): ModelMatch => ({
  tensors,
  mismatches: [],
  notes: [],
  total: tensors.size,
  fitting: tensors.size,
});

/** The tensor that stands for one which the model has not stored, as its head is where that is its embedding. */
function tiedTo(name: string, ref: TensorRef, model: Checkpoint, config: ModelConfig | null): TensorRef | undefined {
  const partner = tiedName(name, model.tensors);
  if (partner === undefined || ((isHead(name) || isHead(partner)) && config?.tied === false)) return undefined;
  const tied = model.tensors.get(partner);
  const fits = tied && (tied.shape.join() === ref.shape.join() || differInRows(tied.shape, ref.shape));
  return fits ? tied : undefined;
}

/** Checkpoints with the same header share its shapes. */
const sameShape = (one: readonly number[], other: readonly number[]): boolean =>
  one === other || (one.length === other.length && one.every((size, at) => size === other[at]));

function mismatchOf(
  name: string,
  ours: TensorRef,
  theirs: TensorRef,
  label: string,
  { owner, vocab }: MatchRules,
): Mismatch | null {
  if (theirs.shape === ours.shape && theirs.dtype === ours.dtype) return null;
  const floats = isFloat(theirs.dtype) && isFloat(ours.dtype);
  if (theirs.dtype !== ours.dtype && !floats) {
    return { kind: "other", text: `${label}: ${name} is ${theirs.dtype}, in ${owner} ${ours.dtype}` };
  }
  if (sameShape(theirs.shape, ours.shape)) return null;
  if (floats && isVocabularyTensor(name) && differInRows(theirs.shape, ours.shape)) {
    return vocab === "common" ? null : { kind: "rows", text: rowsText(name, ours, theirs, label, owner) };
  }
  return {
    kind: "other",
    text: `${label}: ${name} is ${shapeText(theirs.shape)}, in ${owner} ${shapeText(ours.shape)}`,
  };
}

function rowsText(name: string, ours: TensorRef, theirs: TensorRef, label: string, owner: string): string {
  const [mine, their] = [ours.shape[0], theirs.shape[0]];
  const difference =
    their > mine ? `${rowsBetween(mine, their)} not in ${owner}` : `${rowsBetween(their, mine)} in ${owner} alone`;
  return `${label}: ${name} has ${their} rows, in ${owner} ${mine} (${difference})`;
}

/** Tensors that the model lacks: their task vector is 0 where the base's values may be taken. */
function takeMissing(
  match: ModelMatch,
  missing: readonly string[],
  label: string,
  { missing: policy }: MatchRules,
): void {
  if (missing.length === 0) return;
  if (policy === "base") {
    match.notes.push(`${label} lacks ${namedList(missing, ", ")}: the base's values are taken`);
  } else {
    match.mismatches.push(...missing.map((name): Mismatch => ({ kind: "missing", text: `${label} has no ${name}` })));
  }
}

/** Tensors that only the model has, apart from those that stand for others. */
const extrasOf = (
  template: Checkpoint,
  model: Checkpoint,
  used: ReadonlySet<string>,
  { included }: MatchRules,
): string[] =>
  [...model.tensors.keys()].filter((name) => included(name) && !template.tensors.has(name) && !used.has(name));

/** A second copy of a tied tensor is no loss; what else only the model has must be passed over knowingly. */
function passOver(
  match: ModelMatch,
  extras: readonly string[],
  model: Checkpoint,
  label: string,
  { owner, missing, sameBytes }: MatchRules,
): void {
  const ignored: string[] = [];
  for (const name of extras) {
    const partner = tiedName(name, model.tensors);
    const [own, tied] = [model.tensors.get(name), partner === undefined ? undefined : model.tensors.get(partner)];
    const isCopy = own && tied && match.tensors.has(tied.name) && sameBytes(own, tied);
    if (isCopy) match.notes.push(`${label} stores ${name} a second time as ${tied.name} (tied): it is left out`);
    else if (missing === "base") ignored.push(name);
    else {
      const apart = tied && match.tensors.has(tied.name) ? ` (other values than ${tied.name})` : "";
      match.mismatches.push({ kind: "extra", text: `${label} has ${name}${apart}, which ${owner} has not` });
    }
  }
  if (ignored.length > 0) match.notes.push(`${label} has ${namedList(ignored, ", ")}, which ${owner} lacks: left out`);
}
