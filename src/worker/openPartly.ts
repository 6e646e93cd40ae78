/** A merge set of which something is damaged, missing or does not fit: opened as far as it goes, the rest named. */
import type { Checkpoint, TensorRef } from "../engine/format/checkpoint";
import { elementCount } from "../engine/format/tensorEntry";
import { globFilter } from "../engine/plan/globFilter";
import { isFloatDtype } from "../engine/plan/matchTensors";
import { openCheckpoint } from "../io/openCheckpoint";
import type { BrokenModel, BrokenTensor } from "../protocol/engineApi";
import { MergeError, toErrorData, type ErrorData } from "../protocol/errors";
import type { MergeSet } from "../protocol/mergeSet";

export interface PartlyOpened {
  /** Without the models that could not be opened. */
  set: MergeSet;
  /** The places that its models have in the whole set. */
  places: number[];
  /** Without the tensors that not all of them have alike. */
  base: Checkpoint | null;
  models: Checkpoint[];
  brokenModels: BrokenModel[];
  brokenTensors: Omit<BrokenTensor, "group">[];
}

interface Opened {
  checkpoint: Checkpoint;
  /** Why tensors that its index names are not there. */
  lost: Map<string, ErrorData>;
}

/** Throws what is wrong with the base, and what is wrong with the first model where none can be opened. */
export function openPartly(set: MergeSet): PartlyOpened {
  const brokenModels: BrokenModel[] = [];
  const failures: MergeError[] = [];
  const base = set.base === null ? null : openMember(set.base, null, brokenModels);
  const models: (Opened | null)[] = set.models.map(({ path, name }) => {
    try {
      return openMember(path, name, brokenModels);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      failures.push(error);
      brokenModels.push({ model: name, path, error: plain(error), leftOut: true });
      return null;
    }
  });
  const opened = models.filter((model) => model !== null);
  if (opened.length === 0) throw failures[0];
  const kept = withoutModels(set, (t) => models[t] !== null);
  const found = base ? findBroken(kept, base, opened) : [];
  const names = new Set(found.map(({ name }) => name));
  const nothingLeft = base !== null && [...base.checkpoint.tensors.keys()].every((name) => names.has(name));
  // Models of another kind altogether: whoever matches them says so.
  if (nothingLeft) names.clear();
  const brokenTensors = nothingLeft ? [] : found;
  return {
    set: kept,
    places: models.flatMap((model, place) => (model ? [place] : [])),
    base: base && without(base.checkpoint, names),
    models: opened.map(({ checkpoint }) => without(checkpoint, names)),
    brokenModels,
    brokenTensors,
  };
}

function openMember(path: string, model: string | null, brokenModels: BrokenModel[]): Opened {
  const lost = new Map<string, ErrorData>();
  const checkpoint = openCheckpoint(path, (error, tensors) => {
    brokenModels.push({ model, path, error: plain(error), leftOut: false });
    for (const tensor of tensors) lost.set(tensor, plain(error));
  });
  return { checkpoint, lost };
}

/** Without the stack: this is no failure of the program. */
function plain(error: MergeError): ErrorData {
  const { code, details } = toErrorData(error);
  return { code, details };
}

function withoutModels(set: MergeSet, isThere: (model: number) => boolean): MergeSet {
  if (set.models.every((_, t) => isThere(t))) return set;
  const there = <T>(values: readonly T[]): T[] => values.filter((_, t) => isThere(t));
  const slices = set.slices?.map((slice) => ({ ...slice, models: there(slice.models) }));
  return { ...set, models: there(set.models), ...(slices ? { slices } : {}) };
}

function without(checkpoint: Checkpoint, names: ReadonlySet<string>): Checkpoint {
  if (names.size === 0) return checkpoint;
  return { ...checkpoint, tensors: new Map([...checkpoint.tensors].filter(([name]) => !names.has(name))) };
}

/** Every tensor that the base and the models have not alike, and why. */
function findBroken(set: MergeSet, base: Opened, models: readonly Opened[]): PartlyOpened["brokenTensors"] {
  const included = globFilter(set.include, set.exclude);
  const members = [base, ...models];
  const names = new Set(members.flatMap(({ checkpoint, lost }) => [...checkpoint.tensors.keys(), ...lost.keys()]));
  return [...names].filter(included).flatMap((name) => {
    const own = base.checkpoint.tensors.get(name);
    const reasons = models.flatMap((model, t) => mismatch(set.models[t].name, name, own, base.lost.has(name), model));
    const lostInBase = base.lost.get(name);
    const broken = [...(lostInBase ? [lostInBase] : []), ...reasons];
    if (broken.length === 0) return [];
    const known = members.flatMap(({ checkpoint }) => checkpoint.tensors.get(name) ?? [])[0];
    const shape = known?.shape ?? [];
    return [{ name, shape, dtype: known?.dtype ?? "", elements: known ? elementCount(shape) : 0, broken }];
  });
}

function mismatch(
  model: string,
  name: string,
  own: TensorRef | undefined,
  lostInBase: boolean,
  { checkpoint, lost }: Opened,
): ErrorData[] {
  const theirs = checkpoint.tensors.get(name);
  const reason = (code: ErrorData["code"], details: Record<string, string> = {}): ErrorData[] => [
    { code, details: { where: name, model, ...details } },
  ];
  const lostHere = lost.get(name);
  if (lostHere) return [lostHere];
  if (!own) return theirs && !lostInBase ? reason("tensor-not-in-base") : [];
  if (!theirs) return reason("tensor-missing");
  if (theirs.shape.join() !== own.shape.join()) {
    return reason("tensor-shape-differs", { theirs: shapeText(theirs.shape), ours: shapeText(own.shape) });
  }
  const alike = theirs.dtype === own.dtype || (isFloatDtype(theirs.dtype) && isFloatDtype(own.dtype));
  return alike ? [] : reason("tensor-dtype-differs", { theirs: theirs.dtype, ours: own.dtype });
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
