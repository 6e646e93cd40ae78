/**
 * The tensors of an opened set as they cross from thread to thread and into the webview: columns of numbers and few
 * texts, a tenth of what ten thousand objects take, and as much sooner there.
 */
import { partNames, type NameParts } from "./nameParts";

export interface TensorTable extends NameParts {
  /** What tensors are, each once, and by tensor which it is. */
  kinds: { shape: number[]; dtype: string }[];
  kindOf: Uint32Array;
}

export interface ListedTensor {
  name: string;
  shape: number[];
  dtype: string;
  elements: number;
  /** Its layer group. */
  group: string;
}

/** @param parts of their names. */
export function packTensors(
  tensors: readonly Pick<ListedTensor, "name" | "shape" | "dtype">[],
  parts: NameParts = partNames(tensors.map(({ name }) => name)),
): TensorTable {
  const kinds: TensorTable["kinds"] = [];
  const known = new Map<string, number>();
  let kind = -1;
  const kindOf = Uint32Array.from(tensors, ({ shape, dtype }) => {
    // Neighbours are alike, as a rule.
    const last = kinds[kind];
    if (last?.dtype === dtype && sameEntries(last.shape, shape)) return kind;
    const key = `${dtype} ${shape.join()}`;
    kind = known.get(key) ?? kinds.push({ shape: [...shape], dtype }) - 1;
    known.set(key, kind);
    return kind;
  });
  return { ...parts, kinds, kindOf };
}

/** Tensors of one kind share its shape. */
export function unpackTensors({ groups, groupOf, rests, restOf, kinds, kindOf }: TensorTable): ListedTensor[] {
  const ofKinds = kinds.map(({ shape, dtype }) => ({
    shape,
    dtype,
    elements: shape.reduce((product, size) => product * size, 1),
  }));
  return Array.from(kindOf, (kind, at) => {
    const group = groups[groupOf[at] ?? 0] ?? "";
    const { shape, dtype, elements } = ofKinds[kind] ?? { shape: [], dtype: "", elements: 1 };
    return { name: group + (rests[restOf[at] ?? 0] ?? ""), shape, dtype, elements, group };
  });
}

/** Whether two tables list the same tensors. */
export function sameTensors(one: TensorTable, other: TensorTable): boolean {
  return (
    sameEntries(one.groupOf, other.groupOf) &&
    sameEntries(one.restOf, other.restOf) &&
    sameEntries(one.kindOf, other.kindOf) &&
    sameEntries(one.groups, other.groups) &&
    sameEntries(one.rests, other.rests) &&
    sameEntries(
      one.kinds.map(({ shape, dtype }) => `${dtype} ${shape.join()}`),
      other.kinds.map(({ shape, dtype }) => `${dtype} ${shape.join()}`),
    )
  );
}

function sameEntries<T>(one: ArrayLike<T>, other: ArrayLike<T>): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
