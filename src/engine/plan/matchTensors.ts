import { MergeError } from "../../protocol/errors";
import { FLOAT_DTYPES, type FloatDtype, type MergeSet } from "../../protocol/mergeSet";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { compareNames, elementCount } from "../format/tensorEntry";
import { globFilter } from "./globFilter";

/** Mismatches named one by one before the rest is only counted. */
export const MAX_NAMED_MISMATCHES = 10;

/** One tensor of the output with where it comes from. */
export interface MatchedTensor {
  name: string;
  shape: number[];
  elements: number;
  /** Dtype in the base (averaging without a base: in the first model). */
  dtype: string;
  outDtype: string;
  /**
   * `merge`: floating entries, merged. `carry`: other dtypes, copied when all agree. `keep`: left out by
   * `include`/`exclude`, copied from the base.
   */
  kind: "merge" | "carry" | "keep";
  /** Where a tensor that is not merged is copied from. */
  template: TensorRef;
  base: TensorRef | null;
  models: TensorRef[];
  /** Arithmetic in float64: base and models are all F64. */
  wide: boolean;
}

export const isFloatDtype = (dtype: string): dtype is FloatDtype => (FLOAT_DTYPES as readonly string[]).includes(dtype);

/**
 * The tensors of a merge set, sorted by name (the order in which the paper's code flattens a model).
 * Throws `tensors-mismatch` naming model, tensor and both shapes, before any weight is read.
 */
export function matchTensors(set: MergeSet, base: Checkpoint | null, models: readonly Checkpoint[]): MatchedTensor[] {
  const template = base ?? models[0];
  const included = globFilter(set.include, set.exclude);
  const mismatches = findMismatches(set, template, base === null ? models.slice(1) : models, included);
  if (mismatches.length > 0) throw mismatchError(mismatches, template.path);
  if (![...template.tensors.keys()].some(included)) {
    throw new MergeError("nothing-included", { where: template.path, include: set.include.join(", ") || "*" });
  }
  return [...template.tensors.keys()].sort(compareNames).map((name) => {
    const ref = refOf(template, name);
    const kind = !included(name) ? "keep" : isFloatDtype(ref.dtype) ? "merge" : "carry";
    const modelRefs = kind === "keep" ? [] : models.map((model) => refOf(model, name));
    const all = base ? [ref, ...modelRefs] : modelRefs;
    return {
      name,
      shape: ref.shape,
      elements: elementCount(ref.shape),
      dtype: ref.dtype,
      outDtype: kind === "merge" ? (set.outDtype ?? ref.dtype) : ref.dtype,
      kind,
      template: ref,
      base: base ? ref : null,
      models: modelRefs,
      wide: all.every(({ dtype }) => dtype === "F64"),
    };
  });
}

function refOf(checkpoint: Checkpoint, name: string): TensorRef {
  const ref = checkpoint.tensors.get(name);
  if (!ref) throw new MergeError("internal", { where: checkpoint.path, message: `no tensor ${name}` });
  return ref;
}

function findMismatches(
  set: MergeSet,
  template: Checkpoint,
  others: readonly Checkpoint[],
  included: (name: string) => boolean,
): string[] {
  const owner = set.base === null ? "the first model" : "the base";
  const found: string[] = [];
  for (const other of others) {
    const label = set.models.find(({ path }) => path === other.path)?.name ?? other.name;
    for (const [name, ref] of template.tensors) {
      if (!included(name)) continue;
      const theirs = other.tensors.get(name);
      if (!theirs) found.push(`${label} has no ${name}`);
      else if (theirs.shape.join() !== ref.shape.join()) {
        found.push(`${label}: ${name} is ${shapeText(theirs.shape)}, in ${owner} ${shapeText(ref.shape)}`);
      } else if (theirs.dtype !== ref.dtype && !(isFloatDtype(theirs.dtype) && isFloatDtype(ref.dtype))) {
        found.push(`${label}: ${name} is ${theirs.dtype}, in ${owner} ${ref.dtype}`);
      }
    }
    for (const name of other.tensors.keys()) {
      if (included(name) && !template.tensors.has(name)) found.push(`${label} has ${name}, which ${owner} has not`);
    }
  }
  return found;
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

function mismatchError(mismatches: readonly string[], where: string): MergeError {
  const more = mismatches.length - MAX_NAMED_MISMATCHES;
  const list = mismatches.slice(0, MAX_NAMED_MISMATCHES).join("; ") + (more > 0 ? `; and ${more} more` : "");
  return new MergeError("tensors-mismatch", { where, count: mismatches.length, list });
}
