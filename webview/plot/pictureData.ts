/** Tiles and parameter blocks of the opened set, whichever tensor they are of. */
import type { InspectorApi } from "../../src/protocol/inspector";
import type { Remote } from "../../src/protocol/rpc";
import type { ParameterBlock, ParameterRequest, Tile, TileRequest } from "../../src/protocol/tiles";
import { blockBytes, checkBlock, checkTile, tileBytes } from "./checkPictures";
import { KeyedLoader } from "./keyedLoader";
import { tileKey } from "./levels";
import { blockKey } from "./parameterAt";
import { typicalLargest } from "./valueScale";

const TILE_CACHE_BYTES = 64 * 2 ** 20;
const BLOCK_CACHE_BYTES = 16 * 2 ** 20;
/** Enough to keep the workers busy, few enough that a cancelled view frees them at once. */
const CONCURRENT_TILES = 6;
const CONCURRENT_BLOCKS = 4;

export interface LoadedTile {
  tile: Tile;
  /** Magnitude of τ_m that 95 % of this tile's pixels do not exceed. */
  typicalLargest: number;
}

export interface PictureData {
  tiles: KeyedLoader<TileRequest, LoadedTile>;
  blocks: KeyedLoader<ParameterRequest, ParameterBlock>;
}

export function createPictureData(
  api: Pick<Remote<InspectorApi>, "tile" | "parameters">,
  models: number,
  onChange: () => void,
): PictureData {
  return {
    tiles: new KeyedLoader<TileRequest, LoadedTile>({
      keyOf: tileKey,
      load: async (request, signal) => {
        const tile = checkTile(await api.tile(request, { signal }), request, models);
        return { tile, typicalLargest: typicalLargest(tile.merged) };
      },
      bytesOf: ({ tile }) => tileBytes(tile),
      limitBytes: TILE_CACHE_BYTES,
      concurrency: CONCURRENT_TILES,
      onChange,
    }),
    blocks: new KeyedLoader<ParameterRequest, ParameterBlock>({
      keyOf: blockKey,
      load: async (request, signal) => checkBlock(await api.parameters(request, { signal }), request, models),
      bytesOf: blockBytes,
      limitBytes: BLOCK_CACHE_BYTES,
      concurrency: CONCURRENT_BLOCKS,
      onChange,
    }),
  };
}
