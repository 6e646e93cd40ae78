import type { MatchedTensor } from "../engine/plan/matchTensors";
import { compareNaturally } from "../protocol/naturalOrder";

/** The order takes some work, and is asked for more than once. */
const known = new WeakMap<readonly object[], readonly number[]>();

/** Indices of the merged tensors in the order in which they are shown: layer 2 before layer 10. */
export function shownOrder(tensors: readonly Pick<MatchedTensor, "kind" | "name">[]): readonly number[] {
  const before = known.get(tensors);
  if (before) return before;
  const order = tensors
    .flatMap(({ kind }, index) => (kind === "merge" ? [index] : []))
    .sort((a, b) => compareNaturally(tensors[a].name, tensors[b].name));
  known.set(tensors, order);
  return order;
}
