/** How tensors are shown: in which order, and as what table. Found for the base alone, it is there for the whole set. */
import type { Checkpoint } from "../engine/format/checkpoint";
import { sortNames, type TensorSpec } from "../engine/format/tensorEntry";
import { globFilter } from "../engine/plan/globFilter";
import { isFloatDtype, type MatchedTensor } from "../engine/plan/matchTensors";
import type { InspectionPreview } from "../protocol/engineApi";
import type { MergeSet } from "../protocol/mergeSet";
import { partNames } from "../protocol/nameParts";
import { naturalOrder } from "../protocol/naturalOrder";
import { packTensors, type TensorTable } from "../protocol/tensorTable";

interface Shown {
  specs: readonly TensorSpec[];
  /** Indices of these: layer 2 before layer 10. */
  order: readonly number[];
  table: TensorTable;
}

/** Both take some work, and are asked for more than once. */
let last: Shown | null = null;
const known = new WeakMap<readonly object[], readonly number[]>();

type Matched = Pick<MatchedTensor, "kind" | "name" | "shape" | "dtype">;

/** Indices of the merged tensors in the order in which they are shown. */
export function shownOrder(tensors: readonly Matched[]): readonly number[] {
  const before = known.get(tensors);
  if (before) return before;
  const merged = tensors.flatMap(({ kind }, index) => (kind === "merge" ? [index] : []));
  const { order } = shownOf(merged.map((index) => tensors[index]));
  const shown = merged.length === tensors.length ? order : order.map((at) => merged[at]);
  known.set(tensors, shown);
  return shown;
}

/** The merged tensors as they are shown. */
export const shownTable = (tensors: readonly Matched[]): TensorTable =>
  shownOf(tensors.filter(({ kind }) => kind === "merge")).table;

/** What can be shown before the models are opened: most sets have what their base has. */
export function inspectionPreview(set: MergeSet, { tensors }: Pick<Checkpoint, "tensors">): InspectionPreview {
  const included = globFilter(set.include, set.exclude);
  const specs = sortNames([...tensors.keys()]).flatMap((name) => {
    const spec = tensors.get(name);
    return spec && included(name) && isFloatDtype(spec.dtype) ? [spec] : [];
  });
  return { set, tensors: shownOf(specs).table };
}

/** @param specs sorted by name. */
function shownOf(specs: readonly TensorSpec[]): Shown {
  if (last && areSame(last.specs, specs)) return last;
  const names = specs.map(({ name }) => name);
  const parts = partNames(names);
  const order = naturalOrder(names, parts);
  const table = packTensors(
    order.map((at) => specs[at]),
    {
      ...parts,
      groupOf: Uint32Array.from(order, (at) => parts.groupOf[at]),
      restOf: Uint32Array.from(order, (at) => parts.restOf[at]),
    },
  );
  last = { specs, order, table };
  return last;
}

/** Shapes that come from one header are one object. */
const areSame = (one: readonly TensorSpec[], other: readonly TensorSpec[]): boolean =>
  one.length === other.length &&
  one.every(({ name, shape, dtype }, at) => {
    const { name: otherName, shape: otherShape, dtype: otherDtype } = other[at];
    return name === otherName && shape === otherShape && dtype === otherDtype;
  });
