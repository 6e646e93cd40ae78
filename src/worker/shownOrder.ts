import type { MatchedTensor } from "../engine/plan/matchTensors";

/** Layer 2 before layer 10: the order for people. */
const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

/** Indices of the merged tensors in the order in which they are shown. */
export const shownOrder = (tensors: readonly Pick<MatchedTensor, "kind" | "name">[]): number[] =>
  tensors
    .flatMap(({ kind }, index) => (kind === "merge" ? [index] : []))
    .sort((a, b) => NATURAL_ORDER.compare(tensors[a].name, tensors[b].name));
