/** Statistics of tensors as they are shown: exact ones, and sampled ones where there are none yet. */
import type { InterferenceStatistics, Sampled, TensorStatistics } from "../../src/protocol/report";
import type { SampledRows, SampleIndex } from "./sampledStatistics";

/** Statistics by tensor name. */
export interface StatisticsRows {
  get(name: string): Sampled<TensorStatistics> | undefined;
  readonly size: number;
  /** Statistics that make up those of some tensors together, a list that never changes; null until there are some. */
  partsOf(tensors: readonly { name: string }[]): readonly Sampled<InterferenceStatistics>[] | null;
}

/** @param sample null: only what is exact. */
export function shownRows(
  exact: ReadonlyMap<string, TensorStatistics>,
  sample: SampledRows | null,
  index: SampleIndex | null,
): StatisticsRows {
  const get = (name: string): Sampled<TensorStatistics> | undefined => exact.get(name) ?? sample?.tensor(name);
  const each = (tensors: readonly { name: string }[]): readonly Sampled<InterferenceStatistics>[] | null => {
    const parts = tensors.flatMap(({ name }) => get(name) ?? []);
    return parts.length === tensors.length ? parts : null;
  };
  return {
    get,
    size: sample && index ? index.tensors.size : exact.size,
    partsOf: (tensors) => {
      if (sample === null || tensors.every(({ name }) => exact.has(name))) return each(tensors);
      // Of ten thousand tensors those that are counted may be few: a place's own estimate is at hand, and better.
      const places = index?.placesOf(tensors);
      return places ? places.map((place) => sample.place(place)) : each(tensors);
    },
  };
}

export const NO_ROWS: StatisticsRows = shownRows(new Map(), null, null);
