/**
 * A model with an adapter merged into it, computed as it is read: W + scaling·B·A for LoRA (Hu et al., ICLR 2022),
 * rows or columns of W scaled for (IA)³ (Liu et al., NeurIPS 2022). The numbers are those of PEFT's
 * `merge_and_unload` in float64, rounded once.
 */
import { MergeError } from "../../../protocol/errors";
import type { FloatDtype } from "../../../protocol/mergeSet";
import { makeCheckpoint } from "../checkpoint";
import type { Checkpoint, TensorRef } from "../checkpoint";
import { matricesOf } from "../computedTensor";
import type { ComputedTensor, StoredEntries, StoredMatrix, TensorChange } from "../computedTensor";
import { dtypeBytes, isFloat } from "../dtypes";
import { elementCount, printableName } from "../tensorEntry";
import type { StridedView } from "../stridedSource";
import { shapeText } from "./adapter";
import type { Adapter, Ia3Module, LoraModule } from "./adapter";
import { Orientations, plainShape } from "./orientations";

/** Modules named one by one before the rest is only counted. */
const MAX_NAMED_MODULES = 10;

/**
 * The base's tensors with the adapter's changes. Floating ones that it changes are read as F32, or as F64 where the
 * base or the adapter is: nothing is rounded to the base's dtype before a merge.
 * Throws `adapter-module-missing`, `adapter-shape`.
 */
export function adaptModel(base: Checkpoint, adapterCheckpoint: Checkpoint, adapter: Adapter): Checkpoint {
  const { path, name, files } = adapterCheckpoint;
  const tensors = new Map(base.tensors);
  const names = new TensorNames(base);
  const missing: string[] = [];
  const transposed = new Orientations(adapter, (module) => names.find(`${module}.weight`), base);
  const inBase = (wanted: string): string | undefined => {
    const found = names.find(wanted);
    if (found === undefined) missing.push(printableName(wanted));
    return found;
  };
  for (const [saved, tensor] of adapter.saved) {
    const target = inBase(saved);
    if (target !== undefined) tensors.set(target, { ...tensor, name: target });
  }
  for (const module of adapter.modules) {
    const target = inBase(`${module.module}.weight`);
    if (target === undefined) continue;
    const weight = requireTensor(tensors, target);
    const where = `${path}: ${printableName(module.module)}`;
    tensors.set(target, changed(where, weight, changeOf(where, adapter, module, weight, transposed)));
    if (module.kind !== "ia3" || module.feedforward) continue;
    const bias = tensors.get(target.replace(/weight$/, "bias"));
    if (bias) tensors.set(bias.name, changed(where, bias, scaleRows(where, module, bias)));
  }
  if (missing.length > 0) {
    const more = missing.length - MAX_NAMED_MODULES;
    const list = missing.slice(0, MAX_NAMED_MODULES).join(", ") + (more > 0 ? ` and ${more} more` : "");
    throw new MergeError("adapter-module-missing", { where: path, count: missing.length, base: base.path, list });
  }
  return makeCheckpoint(
    {
      path: `${base.path}+${path}`,
      folder: base.folder,
      name,
      format: base.format,
      files: [...base.files, ...files],
      metadata: base.metadata,
    },
    tensors.values(),
  );
}

/** Finds the base's tensor of an adapter's module: a model's class may put one more name in front of all. */
class TensorNames {
  private readonly byEnding = new Map<string, string | null>();

  constructor(private readonly base: Checkpoint) {
    for (const name of base.tensors.keys()) {
      const ending = name.slice(name.indexOf(".") + 1);
      // Two of the same ending say nothing.
      this.byEnding.set(ending, this.byEnding.has(ending) ? null : name);
    }
  }

  find(name: string): string | undefined {
    if (this.base.tensors.has(name)) return name;
    const shorter = name.slice(name.indexOf(".") + 1);
    if (this.base.tensors.has(shorter)) return shorter;
    return this.byEnding.get(name) ?? undefined;
  }
}

function requireTensor(tensors: ReadonlyMap<string, TensorRef>, name: string): TensorRef {
  const tensor = tensors.get(name);
  if (!tensor) throw new MergeError("internal", { where: name, message: "no tensor" });
  return tensor;
}

/** The tensor as it is read with the change. */
function changed(where: string, tensor: TensorRef, change: TensorChange): TensorRef {
  const { dtype: stored, shape } = tensor;
  if (!isFloat(stored)) throw new MergeError("adapter-dtype", { where, dtype: stored });
  const wide = stored === "F64" || dtypesOf(change).includes("F64");
  return computedRef(tensor.name, shape, tensor.file, {
    from: entriesOf(tensor),
    columns: columnsOf(shape),
    elements: elementCount(shape),
    change,
    dtype: wide ? "F64" : "F32",
    stored,
  });
}

/** A tensor whose bytes are those that are computed. */
export function computedRef(name: string, shape: number[], file: string, computed: ComputedTensor): TensorRef {
  const { dtype, elements } = computed;
  return { name, dtype, shape, file, begin: 0, end: elements * (dtypeBytes(dtype) ?? 0), computed };
}

function dtypesOf(change: TensorChange): FloatDtype[] {
  return matricesOf(change).map(({ dtype }) => dtype);
}

function changeOf(
  where: string,
  { config }: Adapter,
  module: LoraModule | Ia3Module,
  weight: TensorRef,
  orientations: Orientations,
): TensorChange {
  if (module.kind === "lora") return lowRank(where, module, weight, orientations.isTransposed(where, module, weight));
  // Of a weight that is stored as [in, out], columns are outputs.
  const count = elementCount(module.factors.shape);
  const [rows, columns = 0] = weight.shape;
  const stored = weight.shape.length === 2 && rows !== columns;
  const alongRows = stored ? rows === count : module.feedforward === (weight.shape.length === 2 && config.fanInFanOut);
  return alongRows ? scaleRows(where, module, weight) : scaleColumns(where, module, weight);
}

/** Adds scaling·B·A, or its transpose. */
export function lowRank(
  where: string,
  module: LoraModule,
  { shape }: { shape: number[] },
  transpose: boolean,
): TensorChange {
  const { a, b, rank, scaling } = module;
  const plain = plainShape(module);
  const expected = transpose ? [...plain].reverse() : plain;
  if (shape.join() !== expected.join()) {
    throw new MergeError("adapter-shape", { where, shape: shapeText(shape), expected: shapeText(expected) });
  }
  const [inner, outer] = [elementCount(a.shape.slice(1)), b.shape[0]];
  const [right, left] = transpose
    ? [transposedMatrix(b, outer, rank), transposedMatrix(a, rank, inner)]
    : [matrixOf(a, rank, inner), matrixOf(b, outer, rank)];
  return { kind: "low-rank", scale: scaling, left, right };
}

function scaleRows(where: string, { factors }: Ia3Module, weight: TensorRef): TensorChange {
  const count = elementCount(factors.shape);
  requireLength(where, weight, weight.shape[0], count);
  return { kind: "scale-rows", factors: matrixOf(factors, count, 1) };
}

function scaleColumns(where: string, { factors }: Ia3Module, weight: TensorRef): TensorChange {
  const count = elementCount(factors.shape);
  requireLength(where, weight, weight.shape[1], count);
  return { kind: "scale-columns", factors: matrixOf(factors, count, 1), run: elementCount(weight.shape.slice(2)) };
}

function requireLength(where: string, { name, shape }: TensorRef, size: number | undefined, count: number): void {
  if (size === count) return;
  throw new MergeError("adapter-shape", {
    where,
    shape: shapeText(shape),
    expected: `${count} factors for ${printableName(name)}`,
  });
}

function entriesOf({ file, begin, view, dtype, name }: TensorRef): StoredEntries {
  if (!isFloat(dtype)) throw new MergeError("internal", { where: name, message: `dtype ${dtype} is not decoded` });
  return { file, begin, view, dtype };
}

/** A tensor of a floating dtype as a matrix. */
export const matrixOf = (tensor: TensorRef, rows: number, columns: number): StoredMatrix => ({
  ...entriesOf(tensor),
  rows,
  columns,
});

/** The transpose of a matrix that is stored as [rows, columns], as a view of the file. */
function transposedMatrix(tensor: TensorRef, rows: number, columns: number): StoredMatrix {
  const entries = entriesOf(tensor);
  const elementBytes = dtypeBytes(entries.dtype) ?? 0;
  const [row, column] = tensor.view ? tensor.view.strides : [columns, 1];
  const view: StridedView = {
    begin: tensor.view?.begin ?? tensor.begin,
    shape: [columns, rows],
    strides: [column, row],
    elementBytes,
  };
  return { ...entries, begin: 0, view, rows: columns, columns: rows };
}

/** Entries of a row, the first dimension standing for the rows. */
export const columnsOf = (shape: readonly number[]): number => elementCount(shape.slice(1));
