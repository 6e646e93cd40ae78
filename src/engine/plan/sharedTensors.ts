/** Tensors that are one in the base: PyTorch stores what two names share only once. */
import type { TensorRef } from "../format/checkpoint";
import { elementCount } from "../format/tensorEntry";
import { tiedRank } from "./tiedWeights";

/** Where a tensor's bytes are, and as what they are read. */
const placeOf = ({ file, begin, end, view, computed, dtype, shape }: TensorRef): string =>
  view === undefined && computed === undefined
    ? `${begin} ${end} ${dtype} ${shape.join()} ${file}`
    : JSON.stringify([file, begin, end, view, computed, dtype, shape]);

/**
 * For each name under which another of `names` stands again, that other one; of head and embedding, the embedding.
 * Where a model has other values under the two, they are not one any more.
 */
export function sharedNames(
  names: readonly string[],
  template: ReadonlyMap<string, TensorRef>,
  models: readonly ReadonlyMap<string, TensorRef>[],
  sameBytes: (one: TensorRef, other: TensorRef) => boolean,
): Map<string, string> {
  const first = new Map<string, string>();
  const shared = new Map<string, string>();
  for (const name of beginningTogether(names, template).sort((a, b) => tiedRank(a) - tiedRank(b))) {
    const ref = template.get(name);
    if (!ref || elementCount(ref.shape) === 0) continue;
    const place = placeOf(ref);
    const owner = first.get(place);
    if (owner === undefined) first.set(place, name);
    else if (models.every((tensors) => areOne(tensors.get(owner), tensors.get(name), sameBytes))) {
      shared.set(name, owner);
    }
  }
  return shared;
}

/** Those that begin in one place with another: only they may be one, and few checkpoints have any. */
function beginningTogether(names: readonly string[], template: ReadonlyMap<string, TensorRef>): string[] {
  const counts = new Map<string, Map<number, number>>();
  const beginningsIn = (file: string): Map<number, number> => {
    const known = counts.get(file) ?? new Map<number, number>();
    counts.set(file, known);
    return known;
  };
  for (const name of names) {
    const ref = template.get(name);
    if (!ref) continue;
    const beginnings = beginningsIn(ref.file);
    beginnings.set(ref.begin, (beginnings.get(ref.begin) ?? 0) + 1);
  }
  return names.filter((name) => {
    const ref = template.get(name);
    return ref !== undefined && (beginningsIn(ref.file).get(ref.begin) ?? 0) > 1;
  });
}

const areOne = (
  one: TensorRef | undefined,
  other: TensorRef | undefined,
  sameBytes: (one: TensorRef, other: TensorRef) => boolean,
): boolean => one !== undefined && other !== undefined && (placeOf(one) === placeOf(other) || sameBytes(one, other));
