/** Fisher values and Gram matrices beside the tensors that they belong to, from the headers alone. */
import { MergeError } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { isFloatDtype, MAX_NAMED_MISMATCHES, shapeText, type MatchedTensor } from "./matchTensors";

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
    for (const { name, shape } of merged) {
      const ref = file.tensors.get(name);
      if (!ref) found.push(`${label} has no Fisher values for ${name}`);
      else if (ref.shape.join() !== shape.join()) {
        found.push(`${label}: ${name} is ${shapeText(ref.shape)}, in the model ${shapeText(shape)}`);
      } else if (!isFloatDtype(ref.dtype)) found.push(`${label}: ${name} is ${ref.dtype}, not a floating dtype`);
    }
    found.push(...unknownNames(file, models[t], label));
  });
  if (found.length > 0) throw mismatch("fisher-mismatch", found, files[0].path);
  return tensors.map(({ kind, name }) => (kind === "merge" ? files.map((file) => refOf(file, name)) : null));
}

/**
 * G_t of the weights that have one. Throws `gram-mismatch` where a matrix fits no weight [out, in] or only some models
 * have it, `gram-none` where no tensor that is merged has one.
 */
export function matchGram(
  set: MergeSet,
  tensors: readonly MatchedTensor[],
  models: readonly Checkpoint[],
  files: readonly Checkpoint[],
): MatchedStatistics {
  const found = files.flatMap((file, t) => unknownNames(file, models[t], set.models[t].name));
  const matched = tensors.map((tensor): TensorRef[] | null => {
    if (!files.some((file) => file.tensors.has(tensor.name)) || tensor.kind === "keep") return null;
    found.push(...gramProblems(set, tensor, files));
    return files.flatMap((file) => file.tensors.get(tensor.name) ?? []);
  });
  if (found.length > 0) throw mismatch("gram-mismatch", found, files[0].path);
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

const unknownNames = (file: Checkpoint, model: Checkpoint, label: string): string[] =>
  [...file.tensors.keys()].filter((name) => !model.tensors.has(name)).map((name) => `${label} has no tensor ${name}`);

function refOf(file: Checkpoint, name: string): TensorRef {
  const ref = file.tensors.get(name);
  if (!ref) throw new MergeError("internal", { where: file.path, message: `no tensor ${name}` });
  return ref;
}

function mismatch(code: "fisher-mismatch" | "gram-mismatch", found: readonly string[], where: string): MergeError {
  const more = found.length - MAX_NAMED_MISMATCHES;
  const list = found.slice(0, MAX_NAMED_MISMATCHES).join("; ") + (more > 0 ? `; and ${more} more` : "");
  return new MergeError(code, { where, count: found.length, list });
}
