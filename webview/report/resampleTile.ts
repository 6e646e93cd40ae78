/** A tile of any level from the pictures of one level: true shares over the blocks of that level, or over several. */
import { columnLevelOf, TILE_SIZE, type Tile, type TileRequest } from "../../src/protocol/tiles";
import type { WholePictures } from "./reportData";

/** Along one edge of a tile: how long it is, and which pixels of the file each of its pixels is made of. */
interface Edge {
  length: number;
  /** First pixel of the file, and the one behind the last. */
  from: number[];
  to: number[];
}

/** @param own level of the `stored` pixels. */
function edgeOf(parameters: number, stored: number, level: number, own: number, at: number): Edge {
  const begin = at * TILE_SIZE;
  const length = Math.max(0, Math.min(TILE_SIZE, Math.ceil(parameters / 2 ** level) - begin));
  const factor = 2 ** (level - own);
  const pixels = Array.from({ length }, (_, i) => begin + i);
  const from = pixels.map((pixel) => Math.floor(pixel * factor));
  return {
    length,
    from,
    to: pixels.map((pixel, i) => Math.max((from[i] ?? 0) + 1, Math.min(stored, Math.ceil((pixel + 1) * factor)))),
  };
}

export function resampleTile(pictures: WholePictures, request: TileRequest): Tile {
  const { models, width, height } = pictures;
  const down = edgeOf(pictures.rows, height, request.level, pictures.level, request.row);
  const across = edgeOf(pictures.columns, width, columnLevelOf(request), columnLevelOf(pictures), request.column);
  const pixels = down.length * across.length;
  const planes = { pictures, down, across };
  return {
    ...request,
    width: across.length,
    height: down.length,
    models,
    kept: resample(planes, pictures.kept, new Uint16Array(2 * models * pixels), atLeastOne),
    lost: resample(planes, pictures.lost, new Uint16Array(models * pixels), atLeastOne),
    elected: resample(planes, pictures.elected, new Uint16Array(3 * pixels), atLeastOne),
    merged: resample(planes, pictures.merged, new Float32Array(pixels), (mean) => mean),
  };
}

/** Of shares, what is not nothing is at least 1. */
const atLeastOne = (mean: number): number => (mean > 0 ? Math.max(1, Math.round(mean)) : 0);

function resample<A extends Uint16Array | Float32Array>(
  { pictures, down, across }: { pictures: WholePictures; down: Edge; across: Edge },
  source: A,
  into: A,
  rounded: (mean: number) => number,
): A {
  const { width, height } = pictures;
  const pixels = Math.max(1, down.length * across.length);
  for (let at = 0; at < into.length; at++) {
    const plane = Math.floor(at / pixels) * width * height;
    const y = Math.floor((at % pixels) / across.length);
    const x = at % across.length;
    let sum = 0;
    let area = 0;
    for (let row = down.from[y] ?? 0; row < (down.to[y] ?? 0); row++) {
      for (let column = across.from[x] ?? 0; column < (across.to[x] ?? 0); column++) {
        const covered = coveredBy(pictures, row, column);
        sum += covered * (source[plane + row * width + column] ?? 0);
        area += covered;
      }
    }
    into[at] = rounded(area > 0 ? sum / area : 0);
  }
  return into;
}

/** Parameters under a pixel of the file: fewer at the matrix's edges. */
function coveredBy(pictures: WholePictures, row: number, column: number): number {
  const [high, wide] = [2 ** pictures.level, 2 ** columnLevelOf(pictures)];
  return Math.min(high, pictures.rows - row * high) * Math.min(wide, pictures.columns - column * wide);
}
