/** Fisher values and Gram matrices beside the tensors that they belong to, from the headers alone. */
import { MergeError } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { isFloatDtype, type MatchedTensor } from "./matchTensors";
import { namedList, shapeText } from "./mismatches";
import { tiedName } from "./tiedWeights";

type OnNote = (note: string) => void;

/** For each matched tensor its statistics, a model each; null where it has none. */
export type MatchedStatistics = (TensorRef[] | null)[];

/**
 * F_t of every tensor that is merged. `files` are those of the models, in their order.
 * Throws `fisher-mismatch` with what is missing, in excess, or of another shape or dtype.
 */
export function matchFisher(
  set: MergeSet,
  tensors: readonly MatchedTensor[],
  models: readonly Checkpoint[],
  files: readonly Checkpoint[],
): MatchedStatistics {
  const merged = tensors.filter(({ kind }) => kind === "merge");
  const found: string[] = [];
  files.forEach((file, t) => {
    const label = set.models[t].name;
    for (const tensor of merged) {
      // A vocabulary of another size has as many rows as in the model.
      const { name, shape } = tensor.models[t];
      const ref = valuesOf(file, tensor, t);
      if (!ref) found.push(`${label} has no Fisher values for ${name}`);
      else if (ref.shape.join() !== shape.join()) {
        found.push(`${label}: ${name} is ${shapeText(ref.shape)}, in the model ${shapeText(shape)}`);
      } else if (!isFloatDtype(ref.dtype)) found.push(`${label}: ${name} is ${ref.dtype}, not a floating dtype`);
    }
    found.push(...unknownNames(file, models[t], label));
  });
  if (found.length > 0) throw mismatch("fisher-mismatch", found, files[0].path);
  return tensors.map((tensor) =>
    tensor.kind === "merge" ? files.flatMap((file, t) => valuesOf(file, tensor, t) ?? []) : null,
  );
}

/** A tied tensor may stand under its own name, or under that of the one that stands for it in the model. */
const valuesOf = ({ tensors }: Checkpoint, { name, models }: MatchedTensor, t: number): TensorRef | undefined =>
  tensors.get(name) ?? tensors.get(models[t].name);

/**
 * G_t of the weights that have one. Throws `gram-mismatch` where a matrix fits no weight [out, in] or only some models
 * have it, `gram-none` where no tensor that is merged has one.
 */
export function matchGram(
  set: MergeSet,
  tensors: readonly MatchedTensor[],
  models: readonly Checkpoint[],
  files: readonly Checkpoint[],
  onNote: OnNote,
): MatchedStatistics {
  const found = files.flatMap((file, t) => unknownNames(file, models[t], set.models[t].name));
  const matched = tensors.map((tensor): TensorRef[] | null => {
    if (!files.some((file) => file.tensors.has(tensor.name)) || tensor.kind === "keep" || tensor.kind === "shared") {
      return null;
    }
    found.push(...gramProblems(set, tensor, files));
    return files.flatMap((file) => file.tensors.get(tensor.name) ?? []);
  });
  if (found.length > 0) throw mismatch("gram-mismatch", found, files[0].path);
  leaveOutTied(tensors, files, onNote);
  if (matched.every((refs) => refs === null)) throw new MergeError("gram-none", { where: files[0].path });
  return matched;
}

function gramProblems(set: MergeSet, tensor: MatchedTensor, files: readonly Checkpoint[]): string[] {
  const { name, shape, kind } = tensor;
  if (kind !== "merge") return [`${name} is ${tensor.dtype} and is not merged`];
  if (shape.length !== 2) return [`${name} is ${shapeText(shape)}, not a weight [out, in]`];
  return files.flatMap((file, t) => {
    const label = set.models[t].name;
    const ref = file.tensors.get(name);
    if (!ref) return [`${label} has no Gram matrix for ${name}, other models have`];
    const needed = [shape[1], shape[1]];
    if (ref.shape.join() !== needed.join()) {
      return [`${label}: the Gram matrix of ${name} is ${shapeText(ref.shape)} in place of ${shapeText(needed)}`];
    }
    return isFloatDtype(ref.dtype)
      ? []
      : [`${label}: the Gram matrix of ${name} is ${ref.dtype}, not a floating dtype`];
  });
}

/** Statistics of what a model has not; a head that it stores as its embedding is still a module of it. */
const unknownNames = (file: Checkpoint, { tensors }: Checkpoint, label: string): string[] =>
  [...file.tensors.keys()]
    .filter((name) => !tensors.has(name) && tiedName(name, tensors) === undefined)
    .map((name) => `${label} has no tensor ${name}`);

/** Heads that are merged as their embedding, which has no Gram matrix. */
function leaveOutTied(tensors: readonly MatchedTensor[], files: readonly Checkpoint[], onNote: OnNote): void {
  const merged = new Map(tensors.flatMap(({ name, kind }) => (kind === "shared" ? [] : [[name, null] as const])));
  const names = new Set(files.flatMap((file) => [...file.tensors.keys()].filter((name) => !merged.has(name))));
  for (const name of names) {
    const owner = tiedName(name, merged);
    if (owner === undefined) continue;
    onNote(`the Gram matrices of ${name} are left out: it is one with ${owner} (tied), which is averaged`);
  }
}

function mismatch(code: "fisher-mismatch" | "gram-mismatch", found: readonly string[], where: string): MergeError {
  return new MergeError(code, { where, count: found.length, list: namedList(found) });
}
