/** Tiles, parameter blocks and magnitudes of the opened set, whichever tensor they are of. */
import type { InspectorApi } from "../../src/protocol/inspector";
import type { Remote } from "../../src/protocol/rpc";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  PictureTerms,
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
/** Enough to keep the workers busy, few enough that none waits long and a cancelled view frees them at once. */
const CONCURRENT_TILES = 3;
const CONCURRENT_BLOCKS = 4;

export interface LoadedTile {
  tile: Tile;
  /** Magnitude of τ_m that 95 % of this tile's pixels do not exceed. */
  typicalLargest: number;
}

export interface PictureData {
  tiles: KeyedLoader<TileRequest, LoadedTile, TileProgress>;
  /** A tile that has what is asked for: all of it, or the part. */
  tileWith(request: TileRequest): LoadedTile | undefined;
  /** What is known of such a tile on its way. */
  partialWith(request: TileRequest): TileProgress["partial"];
  blocks: KeyedLoader<ParameterRequest, ParameterBlock>;
  /** By tensor. */
  magnitudes: KeyedLoader<string, MagnitudeCounts>;
  /** Loads again what was estimated. */
  refreshEstimated(): void;
}

export type PictureApi = Pick<Remote<InspectorApi>, "tile" | "parameters" | "magnitudes">;

/** @param mayEstimate whether pictures may show what the sample says, because nothing exact is known yet. */
export function createPictureData(
  api: PictureApi,
  models: number,
  mayEstimate: () => boolean,
  onChange: () => void,
): PictureData {
  /** Once more where the exact terms have become known in the meantime. */
  const load = async <Picture extends { estimated?: boolean }>(
    ask: (terms: PictureTerms) => Promise<Picture>,
  ): Promise<Picture> => {
    const picture = await ask(mayEstimate() ? { mayEstimate: true } : {});
    return picture.estimated && !mayEstimate() ? ask({}) : picture;
  };
  const data: PictureData = {
    tileWith: (request) => data.tiles.get({ ...request, planes: undefined }) ?? data.tiles.get(request),
    partialWith: (request) =>
      (data.tiles.progressOf({ ...request, planes: undefined }) ?? data.tiles.progressOf(request))?.partial ?? null,
    refreshEstimated: () => {
      data.tiles.refresh(({ tile }) => tile.estimated === true);
      data.blocks.refresh(({ estimated }) => estimated === true);
    },
    tiles: new KeyedLoader<TileRequest, LoadedTile, TileProgress>({
      keyOf: tileKey,
      load: async (request, signal, tell) => {
        const onProgress = (progress: TileProgress): void => {
          const { partial } = progress;
          tell({ ...progress, partial: partial && checkPartial(partial, request, models) });
        };
        const tile = checkTile(
          await load((terms) => api.tile({ ...request, counts: true, ...terms }, { signal, onProgress })),
          request,
          models,
        );
        return { tile, typicalLargest: typicalLargest(tile.merged) };
      },
      bytesOf: ({ tile }) => tileBytes(tile),
      limitBytes: TILE_CACHE_BYTES,
      concurrency: CONCURRENT_TILES,
      onChange,
    }),
    blocks: new KeyedLoader<ParameterRequest, ParameterBlock>({
      keyOf: blockKey,
      load: async (request, signal) =>
        checkBlock(await load((terms) => api.parameters({ ...request, ...terms }, { signal })), request, models),
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
  return data;
}
