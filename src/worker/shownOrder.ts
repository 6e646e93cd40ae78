import type { MatchedTensor } from "../engine/plan/matchTensors";

/** Layer 2 before layer 10: the order for people. Made when it is needed: that takes a tenth of a short command. */
const naturalOrder = (): Intl.Collator => new Intl.Collator("en", { numeric: true });

/** Indices of the merged tensors in the order in which they are shown. */
export const shownOrder = (tensors: readonly Pick<MatchedTensor, "kind" | "name">[]): number[] => {
  const order = naturalOrder();
  return tensors
    .flatMap(({ kind }, index) => (kind === "merge" ? [index] : []))
    .sort((a, b) => order.compare(tensors[a].name, tensors[b].name));
};
