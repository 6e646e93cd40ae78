import type { Checkpoint } from "../engine/format/checkpoint";
import { globFilter } from "../engine/plan/globFilter";
import { isFloatDtype, type MatchedTensor } from "../engine/plan/matchTensors";
import type { InspectionPreview } from "../protocol/engineApi";
import type { MergeSet } from "../protocol/mergeSet";
import { naturalOrder } from "../protocol/naturalOrder";
import { packTensors } from "../protocol/tensorTable";

/** The order takes some work, and is asked for more than once. */
const known = new WeakMap<readonly object[], readonly number[]>();

/** Indices of the merged tensors in the order in which they are shown: layer 2 before layer 10. */
export function shownOrder(tensors: readonly Pick<MatchedTensor, "kind" | "name">[]): readonly number[] {
  const before = known.get(tensors);
  if (before) return before;
  const merged = tensors.flatMap(({ kind }, index) => (kind === "merge" ? [index] : []));
  const order = naturalOrder(merged.map((index) => tensors[index].name)).map((at) => merged[at]);
  known.set(tensors, order);
  return order;
}

/** What can be shown before the models are opened: most sets have what their base has. */
export function inspectionPreview(set: MergeSet, base: Pick<Checkpoint, "tensors">): InspectionPreview {
  const included = globFilter(set.include, set.exclude);
  const tensors = [...base.tensors.values()].filter(({ name, dtype }) => isFloatDtype(dtype) && included(name));
  const order = naturalOrder(tensors.map(({ name }) => name));
  return { set, tensors: packTensors(order.map((at) => tensors[at])) };
}
