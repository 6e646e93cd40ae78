/**
 * TIES of small tensors, written as the paper says it: whole arrays, entry by entry, float64. In loops and not in
 * closures, because every page of the tests does it several times.
 */
import type { MergeSet } from "../../../src/protocol/mergeSet";
import type { InterferenceStatistics, TensorStatistics } from "../../../src/protocol/report";
import type { MagnitudeCounts, ParameterBlock, ParameterRequest, Tile, TileRequest } from "../../../src/protocol/tiles";
import { columnLevelOf, FULL_SHARE, matrixShape, TILE_SIZE } from "../../../src/protocol/tiles";

export interface NaiveTensor {
  name: string;
  shape: number[];
  group: string;
  base: number[];
  /** [model][entry] */
  taskVectors: number[][];
}

export interface MergedTensor extends NaiveTensor {
  kept: boolean[][];
  gamma: number[];
  merged: number[];
}

export interface NaiveMerge {
  set: MergeSet;
  thresholds: number[];
  tensors: MergedTensor[];
}

/** Model scope, inclusive ties, mass election, zero sums to the majority, unit weights. */
export function naiveMerge(set: MergeSet, tensors: NaiveTensor[]): NaiveMerge {
  const thresholds = set.models.map((model, t) =>
    threshold(
      tensors.map(({ taskVectors }) => taskVectors[t]!),
      model.density,
    ),
  );
  const trimmed = tensors.map(({ taskVectors }) =>
    taskVectors.map((tau, t) => tau.map((value) => (value !== 0 && Math.abs(value) >= thresholds[t]! ? value : 0))),
  );
  const sums = trimmed.map((models) => models[0]!.map((_, i) => sumAt(models, i)));
  let majority = 0;
  for (const of of sums) for (const sum of of) majority += Math.sign(sum);
  majority = Math.sign(majority) || -1;
  return {
    set,
    thresholds,
    tensors: tensors.map((tensor, at) => {
      const models = trimmed[at]!;
      const gamma = sums[at]!.map((sum, i) => (models.some((tau) => tau[i] !== 0) ? Math.sign(sum) || majority : 0));
      const merged = gamma.map((sign, i) => {
        let sum = 0;
        let agreeing = 0;
        for (const tau of models) {
          if (tau[i] === 0 || Math.sign(tau[i]!) !== sign) continue;
          sum += tau[i]!;
          agreeing++;
        }
        return agreeing === 0 ? 0 : sum / agreeing;
      });
      return { ...tensor, kept: models.map((tau) => tau.map((value) => value !== 0)), gamma, merged };
    }),
  };
}

function sumAt(models: readonly ArrayLike<number>[], entry: number): number {
  let sum = 0;
  for (const tau of models) sum += tau[entry]!;
  return sum;
}

function threshold(parts: number[][], density: number): number {
  const magnitudes = joined(parts).map(Math.abs).sort();
  return magnitudes[Math.max(0, magnitudes.length - Math.floor(magnitudes.length * density) - 1)] ?? 0;
}

function joined(parts: ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const pairsOf = (models: number): [number, number][] =>
  Array.from({ length: models }, (_, i) => i).flatMap((i) =>
    Array.from({ length: models - i - 1 }, (_, next): [number, number] => [i, i + 1 + next]),
  );

function norm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

function count(values: ArrayLike<number>, test: (value: number, index: number) => boolean): number {
  let hits = 0;
  for (let i = 0; i < values.length; i++) if (test(values[i]!, i)) hits++;
  return hits;
}

/** Statistics of SPEC over the entries of some tensors together. */
export function naiveStatistics(merge: NaiveMerge, tensors: MergedTensor[]): InterferenceStatistics {
  const models = merge.set.models.length;
  const tau = merge.set.models.map((_, t) => joined(tensors.map(({ taskVectors }) => taskVectors[t]!)));
  const trimmed = merge.set.models.map((_, t) =>
    joined(tensors.map(({ taskVectors, kept }) => taskVectors[t]!.map((value, i) => (kept[t]![i] ? value : 0)))),
  );
  const gamma = joined(tensors.map((tensor) => tensor.gamma));
  const positive = gamma.map((_, i) => countAt(trimmed, i, 1));
  const negative = gamma.map((_, i) => countAt(trimmed, i, -1));
  const votes = positive.map((votes, i) => votes + negative[i]!);
  const sums = gamma.map((_, i) => sumAt(trimmed, i));
  const norms = tau.map(norm);
  return {
    elements: gamma.length,
    models: merge.set.models.map((model, t) => {
      const values = trimmed[t]!;
      const isLost = (value: number, i: number): boolean => value !== 0 && Math.sign(value) !== gamma[i];
      let mass = 0;
      let lostMass = 0;
      values.forEach((value, i) => {
        mass += Math.abs(value);
        if (isLost(value, i)) lostMass += Math.abs(value);
      });
      return {
        threshold: merge.thresholds[t]!,
        density: model.density,
        kept: count(values, (value) => value !== 0),
        positive: count(values, (value) => value > 0),
        negative: count(values, (value) => value < 0),
        norm: norms[t]!,
        keptNorm: norm(values),
        lost: count(values, isLost),
        lostMass: mass > 0 ? lostMass / mass : 0,
      };
    }),
    overlap: Array.from({ length: models + 1 }, (_, n) => count(votes, (keeping) => keeping === n)),
    conflict: count(positive, (votes, i) => votes > 0 && negative[i]! > 0),
    conflictBefore: count(gamma, (_, i) => countAt(tau, i, 1) > 0 && countAt(tau, i, -1) > 0),
    elected: {
      positive: count(sums, (sum) => sum > 0),
      negative: count(sums, (sum) => sum < 0),
      cancelled: count(sums, (sum, i) => sum === 0 && votes[i]! > 0),
    },
    agreement: agreement(positive, negative),
    mergedNorm: norm(joined(tensors.map(({ merged }) => merged))),
    meanNorm: norm(gamma.map((_, i) => sumAt(tau, i) / models)),
    pairs: pairsOf(models).map(([i, j]) => {
      const { product, ...signs } = pair([tau[i]!, tau[j]!], [trimmed[i]!, trimmed[j]!]);
      const length = norms[i]! * norms[j]!;
      return { i, j, cosine: length > 0 ? product / length : null, ...signs };
    }),
    nonFinite: 0,
  };
}

/** Of how many models the entry has this sign. */
function countAt(models: readonly Float64Array[], entry: number, sign: 1 | -1): number {
  let votes = 0;
  for (const tau of models) if (tau[entry]! * sign > 0) votes++;
  return votes;
}

function agreement(positive: Float64Array, negative: Float64Array): number | null {
  let sum = 0;
  let voted = 0;
  positive.forEach((votes, i) => {
    if (votes + negative[i]! === 0) return;
    sum += Math.abs(votes - negative[i]!) / (votes + negative[i]!);
    voted++;
  });
  return voted === 0 ? null : sum / voted;
}

type Two = [Float64Array, Float64Array];

function pair([a, b]: Two, [keptOfA, keptOfB]: Two): { product: number; bothKept: number; disagree: number } {
  let product = 0;
  let bothKept = 0;
  let disagree = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    if (keptOfA[i] === 0 || keptOfB[i] === 0) continue;
    bothKept++;
    if (Math.sign(keptOfA[i]!) !== Math.sign(keptOfB[i]!)) disagree++;
  }
  return { product, bothKept, disagree };
}

export const naiveRow = (merge: NaiveMerge, tensor: MergedTensor): TensorStatistics => ({
  name: tensor.name,
  shape: tensor.shape,
  dtype: "F32",
  ...naiveStatistics(merge, [tensor]),
});

/** Every pixel the true share over its block, counted entry by entry. */
export function naiveTile(merge: NaiveMerge, request: TileRequest): Tile {
  const tensor = merge.tensors.find(({ name }) => name === request.tensor)!;
  const matrix = matrixShape(tensor.shape);
  const [high, wide] = [2 ** request.level, 2 ** columnLevelOf(request)];
  const top = request.row * TILE_SIZE;
  const left = request.column * TILE_SIZE;
  const height = Math.max(0, Math.min(TILE_SIZE, Math.ceil(matrix.rows / high) - top));
  const width = Math.max(0, Math.min(TILE_SIZE, Math.ceil(matrix.columns / wide) - left));
  const models = merge.set.models.length;
  const pixels = width * height;
  const tile: Tile = {
    ...request,
    width,
    height,
    models,
    kept: new Uint16Array(models * 2 * pixels),
    lost: new Uint16Array(models * pixels),
    elected: new Uint16Array(3 * pixels),
    merged: new Float32Array(pixels),
  };
  for (let pixel = 0; pixel < pixels; pixel++) {
    const row = (top + Math.floor(pixel / width)) * high;
    const column = (left + (pixel % width)) * wide;
    const entries: number[] = [];
    for (let r = row; r < Math.min(row + high, matrix.rows); r++) {
      for (let c = column; c < Math.min(column + wide, matrix.columns); c++) {
        if (r * matrix.columns + c < matrix.elements) entries.push(r * matrix.columns + c);
      }
    }
    const share = (test: (entry: number) => boolean): number => {
      const hits = count(entries, test);
      return hits === 0 ? 0 : Math.max(1, Math.round((hits / entries.length) * FULL_SHARE));
    };
    const votes = (entry: number, sign: number): boolean =>
      tensor.kept.some((kept, t) => kept[entry] && Math.sign(tensor.taskVectors[t]![entry]!) === sign);
    tensor.kept.forEach((kept, t) => {
      const tau = tensor.taskVectors[t]!;
      tile.kept[t * 2 * pixels + pixel] = share((i) => kept[i]! && tau[i]! > 0);
      tile.kept[(t * 2 + 1) * pixels + pixel] = share((i) => kept[i]! && tau[i]! < 0);
      tile.lost[t * pixels + pixel] = share((i) => kept[i]! && Math.sign(tau[i]!) !== tensor.gamma[i]);
    });
    tile.elected[pixel] = share((i) => tensor.gamma[i]! > 0);
    tile.elected[pixels + pixel] = share((i) => tensor.gamma[i]! < 0);
    tile.elected[2 * pixels + pixel] = share((i) => votes(i, 1) && votes(i, -1));
    tile.merged[pixel] =
      entries.length === 0 ? 0 : entries.reduce((sum, i) => sum + tensor.merged[i]!, 0) / entries.length;
  }
  return tile;
}

export function naiveParameters(merge: NaiveMerge, request: ParameterRequest): ParameterBlock {
  const tensor = merge.tensors.find(({ name }) => name === request.tensor)!;
  const { columns } = matrixShape(tensor.shape);
  const entries = Array.from(
    { length: request.rows * request.columns },
    (_, i) => (request.row + Math.floor(i / request.columns)) * columns + request.column + (i % request.columns),
  );
  return {
    ...request,
    models: merge.set.models.length,
    base: Float64Array.from(entries, (i) => tensor.base[i] ?? 0),
    taskVectors: Float64Array.from(tensor.taskVectors.flatMap((tau) => entries.map((i) => tau[i] ?? 0))),
    kept: Uint8Array.from(tensor.kept.flatMap((kept) => entries.map((i) => Number(kept[i] ?? false)))),
    lost: Uint8Array.from(
      tensor.kept.flatMap((kept, t) =>
        entries.map((i) => Number(kept[i]! && Math.sign(tensor.taskVectors[t]![i]!) !== tensor.gamma[i])),
      ),
    ),
    thresholds: Float64Array.from(merge.thresholds),
    ceilings: Float64Array.from(merge.thresholds, () => Infinity),
    divisors: new Float64Array(merge.thresholds.length * entries.length).fill(1),
    elected: Int8Array.from(entries, (i) => tensor.gamma[i] ?? 0),
    merged: Float64Array.from(entries, (i) => tensor.merged[i] ?? 0),
    result: Float64Array.from(entries, (i) =>
      Math.fround((tensor.base[i] ?? 0) + merge.set.lambda * (tensor.merged[i] ?? 0)),
    ),
    weights: Float64Array.from(merge.set.models, ({ weight }) => weight),
    densities: Float64Array.from(merge.set.models, ({ density }) => density),
    lambda: merge.set.lambda,
    normalize: merge.set.rules.normalize,
    outDtype: "F32",
  };
}

/** A bucket for every magnitude that occurs. */
export function naiveMagnitudes(merge: NaiveMerge, name: string): MagnitudeCounts {
  const tensor = merge.tensors.find((candidate) => candidate.name === name)!;
  const models = tensor.taskVectors.map((tau) => {
    const counts = new Map<number, number>();
    for (const value of tau) counts.set(Math.abs(value), (counts.get(Math.abs(value)) ?? 0) + 1);
    const magnitudes = [...counts.keys()].sort((a, b) => a - b);
    return {
      lowest: Float64Array.from(magnitudes),
      highest: Float64Array.from(magnitudes, (_, i) => magnitudes[i + 1] ?? Infinity),
      counts: Float64Array.from(magnitudes, (magnitude) => counts.get(magnitude)!),
    };
  });
  return { tensor: name, elements: tensor.base.length, models };
}
