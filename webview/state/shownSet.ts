/** The set with its models' marks. */
import type { ShownInspection } from "../../src/protocol/engineApi";
import type { MergeSet } from "../../src/protocol/mergeSet";
import type { OpenedSet, ShownSet } from "./inspectorState";

/** As the host has opened it: a model's mark is its place among all that were asked for. */
export function shownOpened({ places, set, ...inspection }: ShownInspection): OpenedSet {
  return { ...inspection, set: markedSet(set, (index) => places?.[index] ?? index) };
}

/** Some of the opened set's models, `members`, with other settings: each keeps its mark. */
export const shownUsed = (set: MergeSet, members: readonly number[], opened: OpenedSet): ShownSet =>
  markedSet(set, (index) => {
    const member = members[index] ?? index;
    return opened.set.models[member]?.mark ?? member;
  });

const markedSet = (set: MergeSet, markOf: (index: number) => number): ShownSet => ({
  ...set,
  models: set.models.map((model, index) => ({ ...model, mark: markOf(index) })),
});
