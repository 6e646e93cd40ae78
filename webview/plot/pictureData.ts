/** Tiles, parameter blocks and magnitudes of the opened set, whichever tensor they are of. */
import type { InspectorApi } from "../../src/protocol/inspector";
import type { Remote } from "../../src/protocol/rpc";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  Tile,
  TileProgress,
  TileRequest,
} from "../../src/protocol/tiles";
import {
  blockBytes,
  checkBlock,
  checkMagnitudes,
  checkPartial,
  checkTile,
  magnitudeBytes,
  tileBytes,
} from "./checkPictures";
import { KeyedLoader } from "./keyedLoader";
import { tileKey } from "./levels";
import { blockKey } from "./parameterAt";
import { typicalLargest } from "./valueScale";

const TILE_CACHE_BYTES = 64 * 2 ** 20;
const BLOCK_CACHE_BYTES = 16 * 2 ** 20;
const MAGNITUDE_CACHE_BYTES = 8 * 2 ** 20;
/** Enough to keep the workers busy, few enough that a cancelled view frees them at once. */
const CONCURRENT_TILES = 6;
const CONCURRENT_BLOCKS = 4;

export interface LoadedTile {
  tile: Tile;
  /** Magnitude of τ_m that 95 % of this tile's pixels do not exceed. */
  typicalLargest: number;
}

export interface PictureData {
  tiles: KeyedLoader<TileRequest, LoadedTile, TileProgress>;
  blocks: KeyedLoader<ParameterRequest, ParameterBlock>;
  /** By tensor. */
  magnitudes: KeyedLoader<string, MagnitudeCounts>;
}

export type PictureApi = Pick<Remote<InspectorApi>, "tile" | "parameters" | "magnitudes">;

export function createPictureData(api: PictureApi, models: number, onChange: () => void): PictureData {
  return {
    tiles: new KeyedLoader<TileRequest, LoadedTile, TileProgress>({
      keyOf: tileKey,
      load: async (request, signal, tell) => {
        const onProgress = (progress: TileProgress): void => {
          const { partial } = progress;
          tell({ ...progress, partial: partial && checkPartial(partial, request, models) });
        };
        const tile = checkTile(await api.tile(request, { signal, onProgress }), request, models);
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
    magnitudes: new KeyedLoader<string, MagnitudeCounts>({
      keyOf: (tensor) => tensor,
      load: async (tensor, signal) => checkMagnitudes(await api.magnitudes({ tensor }, { signal }), tensor, models),
      bytesOf: magnitudeBytes,
      limitBytes: MAGNITUDE_CACHE_BYTES,
      concurrency: 1,
      onChange,
    }),
  };
}
