/** Whether a tile or a block from the other side has the planes that its size promises. */
import { MergeError } from "../../src/protocol/errors";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  Shares,
  Tile,
  TileProgress,
  TileRequest,
} from "../../src/protocol/tiles";
import { FULL_SHARE, TILE_SIZE } from "../../src/protocol/tiles";

const holds = (array: { length: number } | undefined, length: number): boolean => array?.length === length;
const isEmpty = (array: { length: number } | undefined): boolean => array?.length === 0;

/** Returns the tile; throws `bad-message` where it does not answer the request. */
export function checkTile(tile: Tile, request: TileRequest, models: number): Tile {
  const pixels = tile.width * tile.height;
  const { planes } = request;
  const { full = FULL_SHARE } = tile;
  const areShares = (array: Shares): boolean => full === FULL_SHARE || array instanceof Uint8Array;
  const fits =
    full > 0 &&
    areShares(tile.kept) &&
    areShares(tile.lost) &&
    areShares(tile.elected) &&
    tile.tensor === request.tensor &&
    tile.level === request.level &&
    tile.columnLevel === request.columnLevel &&
    tile.row === request.row &&
    tile.column === request.column &&
    tile.models === models &&
    tile.width <= TILE_SIZE &&
    tile.height <= TILE_SIZE &&
    (holds(tile.kept, models * 2 * pixels) || (planes === "merge" && isEmpty(tile.kept))) &&
    (holds(tile.lost, models * pixels) || (planes === "merge" && isEmpty(tile.lost))) &&
    (holds(tile.elected, 3 * pixels) || (planes === "models" && isEmpty(tile.elected))) &&
    (holds(tile.merged, pixels) || (planes === "models" && isEmpty(tile.merged)));
  if (!fits) throw new MergeError("bad-message", { where: "tile" });
  return tile;
}

type Partial = NonNullable<TileProgress["partial"]>;

/** Returns a part of a tile; throws `bad-message` where it does not belong to the request. */
export function checkPartial(partial: Partial, request: TileRequest, models: number): Partial {
  checkTile(partial.tile, request, models);
  if (!holds(partial.known, partial.tile.height)) throw new MergeError("bad-message", { where: "tile" });
  return partial;
}

/** Returns the counts; throws `bad-message` where they are not those of the tensor. */
export function checkMagnitudes(counts: MagnitudeCounts, tensor: string, models: number): MagnitudeCounts {
  const fits =
    counts.tensor === tensor &&
    holds(counts.models, models) &&
    counts.models.every((own) => holds(own.lowest, own.counts.length) && holds(own.highest, own.counts.length));
  if (!fits) throw new MergeError("bad-message", { where: "magnitudes" });
  return counts;
}

/** Returns the block; throws `bad-message` where it does not answer the request. */
export function checkBlock(block: ParameterBlock, request: ParameterRequest, models: number): ParameterBlock {
  const entries = request.rows * request.columns;
  const fits =
    block.row === request.row &&
    block.column === request.column &&
    block.rows === request.rows &&
    block.columns === request.columns &&
    block.models === models &&
    holds(block.base, entries) &&
    holds(block.taskVectors, models * entries) &&
    holds(block.kept, models * entries) &&
    holds(block.lost, models * entries) &&
    holds(block.thresholds, models) &&
    holds(block.ceilings, models) &&
    holds(block.divisors, models * entries) &&
    holds(block.elected, entries) &&
    holds(block.merged, entries) &&
    holds(block.result, entries) &&
    holds(block.weights, models) &&
    holds(block.densities, models);
  if (!fits) throw new MergeError("bad-message", { where: "parameters" });
  return block;
}

export const tileBytes = (tile: Tile): number =>
  tile.kept.byteLength + tile.lost.byteLength + tile.elected.byteLength + tile.merged.byteLength;

export const blockBytes = (block: ParameterBlock): number =>
  block.base.byteLength +
  block.taskVectors.byteLength +
  2 * block.kept.byteLength +
  block.elected.byteLength +
  block.merged.byteLength +
  block.result.byteLength;

export const magnitudeBytes = ({ models }: MagnitudeCounts): number =>
  models.reduce((sum, { counts }) => sum + 3 * counts.byteLength, 0);
