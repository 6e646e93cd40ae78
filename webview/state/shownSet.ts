/** The set with its models' marks. */
import type { InspectionPreview, ShownInspection } from "../../src/protocol/engineApi";
import type { MergeSet } from "../../src/protocol/mergeSet";
import type { OpenedSet, ShownSet } from "./inspectorState";
import type { TensorList } from "./tensorList";

/** As the host has opened it: a model's mark is its place among all that were asked for. */
export function shownOpened({ places, set, tensors, ...inspection }: ShownInspection, list: TensorList): OpenedSet {
  return { ...inspection, set: markedSet(set, (index) => places?.[index] ?? index), tensors: list.of(tensors) };
}

/** As far as its base says, before its models are opened. */
export function shownPreview({ set, tensors: table }: InspectionPreview, list: TensorList): OpenedSet {
  const tensors = list.of(table);
  const parameters = tensors.reduce((sum, { elements }) => sum + elements, 0);
  return { set: markedSet(set, (index) => index), tensors, parameters, notes: [] };
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
