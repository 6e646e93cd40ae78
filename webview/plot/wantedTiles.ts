/** Which tiles linked pictures ask for, and in which order. Of a tile they ask for what they draw. */
import { columnLevelOf, type TilePlanes, type TileRequest } from "../../src/protocol/tiles";
import { ancestor, placeKey } from "./levels";

/** What one picture shows: tiles of one level, and which of their planes; undefined is all. */
export interface PictureView {
  tiles: readonly TileRequest[];
  planes: TilePlanes | undefined;
}

/** Levels up from those in view whose tiles are fetched as well, so that there is something to show when one moves. */
const SPARE_LEVELS = 2;

/**
 * The most urgent first.
 * @param coarsest level at which the whole matrix is one tile; @param isHeld whether a tile is at hand.
 * @param zooming whether finer tiles would be out of sight before they came: what covers more goes first.
 */
export function wantedTiles(
  views: readonly PictureView[],
  coarsest: number,
  zooming: boolean,
  isHeld: (request: TileRequest) => boolean,
): TileRequest[] {
  const places = new Map<string, { tile: TileRequest; models: boolean; merge: boolean }>();
  for (const { tiles, planes } of views) {
    for (const tile of tiles) {
      const key = placeKey(tile);
      const place = places.get(key) ?? { tile, models: false, merge: false };
      places.set(key, place);
      place.models ||= planes !== "merge";
      place.merge ||= planes !== "models";
    }
  }
  const visible = [...places.values()].sort((a, b) => coarseness(b.tile) - coarseness(a.tile));
  const spares = sparesOf(
    visible.map(({ tile }) => tile),
    coarsest,
  ).filter((tile) => !places.has(placeKey(tile)));
  const wanted = visible.flatMap(({ tile, models, merge }) => partsOf(tile, models, merge, isHeld));
  return zooming ? [...spares, ...wanted] : [...wanted, ...spares];
}

/** All of a tile at once, unless a part of it is at hand or enough. */
function partsOf(
  tile: TileRequest,
  models: boolean,
  merge: boolean,
  isHeld: (request: TileRequest) => boolean,
): TileRequest[] {
  const parts: TileRequest[] = [
    { ...tile, planes: "models" },
    { ...tile, planes: "merge" },
  ];
  if (isHeld(tile)) return [tile];
  if (models && merge && !parts.some(isHeld)) return [tile];
  return parts.filter(({ planes }) => (planes === "models" ? models : merge));
}

/** Coarser tiles over those in view, up to the one of the whole matrix: few, of which every picture may show a part. */
function sparesOf(tiles: readonly TileRequest[], coarsest: number): TileRequest[] {
  const finest = Math.min(...tiles.flatMap((tile) => [tile.level, columnLevelOf(tile)]));
  const spares = new Map<string, TileRequest>();
  for (const tile of tiles) {
    // Of single parameters only the coarsest: tiles of a few entries a pixel are read anew, and that takes time.
    const near = finest > 0 && finest + SPARE_LEVELS <= coarsest ? [finest + SPARE_LEVELS] : [];
    for (const level of [...near, coarsest]) {
      const [down, across] = [tile.level, columnLevelOf(tile)].map((own) => Math.max(0, level - own)) as [
        number,
        number,
      ];
      if (down + across === 0) continue;
      const spare = ancestor(tile, down, across);
      spares.set(placeKey(spare), spare);
    }
  }
  return [...spares.values()].sort((a, b) => coarseness(b) - coarseness(a));
}

/** Of two tiles that which covers more has more. */
const coarseness = (tile: TileRequest): number => tile.level + columnLevelOf(tile);
