/** Ranks of held entries among the magnitudes of their rows, which decide how likely DELLA keeps them. */
import { MergeError } from "../../protocol/errors";
import { allocateRankScratch, placeOf, rankRow, rowLength } from "../merge/rankRow";
import type { RankWindow } from "../merge/randomMask";
import type { HeldTensor } from "./heldSample";

export interface HeldRanks {
  /** Entries that were ranked together: a row, or an even share of a long one. */
  length: number;
  /** By model, from 0 for the smallest. */
  models: readonly Uint32Array[];
}

/** Of a tensor that is held whole; `vectors` are its task vectors, by model. */
export function ranksOfWhole({ shape, entries }: HeldTensor, vectors: readonly Float32Array[]): HeldRanks {
  const length = rowLength(shape, entries);
  const scratch = allocateRankScratch(length);
  const models = vectors.map((values) => {
    const ranks = new Uint32Array(entries);
    for (let at = 0; at < entries; at += length)
      rankRow(values.subarray(at, at + length), length, scratch, ranks.subarray(at, at + length));
    return ranks;
  });
  return { length, models };
}

let places = new Float64Array(0);

/** The window of a model with the places of a tensor's held entries, from `first` on. They hold until the next call. */
export function windowOf(
  epsilon: number,
  { name }: HeldTensor,
  ranks: HeldRanks | undefined,
  model: number,
  first: number,
): RankWindow {
  if (!ranks) throw new MergeError("internal", { where: name, message: "a sample without ranks" });
  const { length } = ranks;
  const own = ranks.models[model];
  return {
    epsilon,
    row: length,
    places: (start, count) => {
      if (places.length < count) places = new Float64Array(count);
      for (let i = 0; i < count; i++) places[i] = placeOf(own[first + start + i], length);
      return places;
    },
  };
}
