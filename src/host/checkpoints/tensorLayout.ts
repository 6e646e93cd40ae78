/** What of a checkpoint's tensors decides whether it can be merged with another, and what a merge can bridge. */
import { createHash } from "node:crypto";
import { tiedName, tiedRank } from "../../engine/plan/tiedWeights";
import { isVocabularyTensor } from "../../engine/plan/vocabulary";
import type { CheckpointInfo } from "../../protocol/engineApi";

export interface TensorLayout {
  /** A digest of names and shapes, but for rows of the vocabulary and second copies of tied weights; `` where unknown. */
  layout: string;
  /** Rows of the vocabulary; undefined where there is none. */
  rows?: number;
  /** Tensors that may be a second copy of another, such as a head. */
  copies?: number;
}

/** What two checkpoints of one layout do not have in common. */
export interface LayoutDifference {
  /** Rows of the vocabulary, where they differ. */
  rows?: { own: number; base: number };
  /** Whether this one stores more copies of tied weights than the base, or fewer. */
  copies?: "more" | "fewer";
}

export function tensorLayout({ tensors }: Pick<CheckpointInfo, "tensors">): TensorLayout {
  const names = new Map(tensors.map(({ name }) => [name, null]));
  const isCopy = (name: string): boolean => isTiedCopy(name, names);
  const lines = tensors.flatMap(({ name, shape }) => {
    const own = isVocabularyTensor(name) ? ["*", ...shape.slice(1)] : shape;
    return isCopy(name) ? [] : [`${name} ${own.join(",")}`];
  });
  const vocabulary = tensors.find(({ name }) => isVocabularyTensor(name))?.shape[0];
  return {
    layout: createHash("sha256").update(lines.sort().join("\n")).digest("hex"),
    ...(vocabulary !== undefined && { rows: vocabulary }),
    copies: tensors.filter(({ name }) => isCopy(name)).length,
  };
}

/** Of two names that may be one tensor, one is the copy: of head and embedding, the head. */
function isTiedCopy(name: string, names: ReadonlyMap<string, unknown>): boolean {
  const other = tiedName(name, names);
  return other !== undefined && tiedRank(name) > tiedRank(other);
}

/** Null where nothing differs that is known. */
export function layoutDifference(own: TensorLayout, base: TensorLayout): LayoutDifference | null {
  const rows = own.rows !== undefined && base.rows !== undefined && own.rows !== base.rows;
  const more = (own.copies ?? 0) - (base.copies ?? 0);
  if (!rows && more === 0) return null;
  return {
    ...(rows && { rows: { own: own.rows ?? 0, base: base.rows ?? 0 } }),
    ...(more !== 0 && { copies: more > 0 ? "more" : "fewer" }),
  };
}
