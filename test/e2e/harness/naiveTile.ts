/** A tile from the checkpoints' files: reads base and models, trims by given thresholds, counts entry by entry. */
import { readFloats } from "./readFloats";
import { columnLevelOf, FULL_SHARE, TILE_SIZE } from "../../../src/protocol/tiles";
import type { SentTile } from "./sentTiles";

export interface NaiveTensor {
  rows: number;
  columns: number;
  /** [model][entry]: the task vector where it is kept, else 0. */
  kept: Float32Array[];
  /** Elected signs; 0 where nobody keeps the entry. */
  gamma: Int8Array;
  merged: Float64Array;
  /** θ₀ + τ_m: with λ = 1, before it is rounded. */
  result: Float64Array;
}

/** TIES by the largest sum, all weights 1; `thresholds`: of each model; `majority`: the sign where a sum is 0. */
export function naiveTensor(
  base: string,
  models: readonly string[],
  name: string,
  thresholds: readonly number[],
  majority: number,
): NaiveTensor {
  const { values: origin, shape } = readFloats(base, name);
  const kept = models.map((folder, model) =>
    readFloats(folder, name).values.map((value, i) => {
      const step = Math.fround(value - origin[i]!);
      return Math.abs(step) >= thresholds[model]! ? step : 0;
    }),
  );
  const gamma = new Int8Array(origin.length);
  const merged = new Float64Array(origin.length);
  for (let i = 0; i < origin.length; i++) {
    let sum = 0;
    let voters = 0;
    for (const values of kept) {
      sum += values[i]!;
      if (values[i] !== 0) voters++;
    }
    if (voters === 0) continue;
    const sign = Math.sign(sum) || majority;
    let agreeing = 0;
    let ofThose = 0;
    for (const values of kept) {
      if (Math.sign(values[i]!) !== sign) continue;
      agreeing++;
      ofThose += values[i]!;
    }
    gamma[i] = sign;
    merged[i] = agreeing === 0 ? 0 : ofThose / agreeing;
  }
  const columns = shape.slice(1).reduce((product, size) => product * size, 1);
  return { rows: shape[0]!, columns, kept, gamma, merged, result: merged.map((value, i) => origin[i]! + value) };
}

/** The same part of the picture as `sent`, from the naive merge. */
export function naiveTile(tensor: NaiveTensor, sent: SentTile): Pick<SentTile, "kept" | "lost" | "elected" | "merged"> {
  const { width, height, models } = sent;
  const [high, wide] = [2 ** sent.level, 2 ** columnLevelOf(sent)];
  const pixels = width * height;
  const zeros = (planes: number): number[] => new Array<number>(planes * pixels).fill(0);
  const tile = { kept: zeros(2 * models), lost: zeros(models), elected: zeros(3), merged: zeros(1) };
  for (let pixel = 0; pixel < pixels; pixel++) {
    const top = (sent.row * TILE_SIZE + Math.floor(pixel / width)) * high;
    const left = (sent.column * TILE_SIZE + (pixel % width)) * wide;
    const count = (plane: number[], at: number): void => {
      plane[at * pixels + pixel]!++;
    };
    let entries = 0;
    for (let row = top; row < Math.min(top + high, tensor.rows); row++) {
      for (let column = left; column < Math.min(left + wide, tensor.columns); column++, entries++) {
        const i = row * tensor.columns + column;
        const gamma = tensor.gamma[i]!;
        let positive = false;
        let negative = false;
        for (let model = 0; model < models; model++) {
          const value = tensor.kept[model]![i]!;
          if (value === 0) continue;
          if (value > 0) positive = true;
          else negative = true;
          count(tile.kept, 2 * model + (value > 0 ? 0 : 1));
          if (Math.sign(value) !== gamma) count(tile.lost, model);
        }
        if (gamma !== 0) count(tile.elected, gamma > 0 ? 0 : 1);
        if (positive && negative) count(tile.elected, 2);
        tile.merged[pixel]! += tensor.merged[i]!;
      }
    }
    for (const plane of [tile.kept, tile.lost, tile.elected]) {
      // Of some tiles the counts themselves are sent.
      for (let at = pixel; at < plane.length && !sent.full; at += pixels) plane[at] = share(plane[at]!, entries);
    }
    tile.merged[pixel]! /= entries;
  }
  return tile;
}

const share = (hits: number, entries: number): number =>
  hits === 0 ? 0 : Math.max(1, Math.round((hits / entries) * FULL_SHARE));
