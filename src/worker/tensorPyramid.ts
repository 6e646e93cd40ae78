/**
 * The pyramid of one tensor while it is counted: region by region, those first that somebody waits for. It goes on
 * only while somebody waits; what is counted stays.
 */
import {
  createPyramid,
  derive,
  derivedGrain,
  isTall,
  pyramidBytes,
  regionGrain,
  type Pyramid,
  type Region,
} from "../engine/stats/pyramid";
import { PyramidTile, tileOfPyramid } from "../engine/stats/pyramidTile";
import { tileExtent } from "../engine/stats/tilePixels";
import { MergeError } from "../protocol/errors";
import type { CallContext } from "../protocol/rpc";
import type { MatrixShape, Tile, TileProgress, TileRequest } from "../protocol/tiles";

/** Entries that one job counts: a few milliseconds, so that what is more urgent need not wait. */
const REGION_ELEMENTS = 1 << 20;
/** How often those who wait are shown what is there, in milliseconds; less often where that takes long. */
const PROGRESS_INTERVAL = 200;
/** At most this share of the time goes into showing. */
const PROGRESS_SHARE = 0.2;

interface Waiter {
  request: TileRequest;
  context: CallContext<TileProgress>;
  /** Numbers of the regions that the tile covers. */
  regions: number[];
  /** As far as it was shown. */
  shown: PyramidTile | null;
  resolve(tile: Tile): void;
  reject(error: Error): void;
}

/** Of a region. */
const OPEN = 0;
const STARTED = 1;
const DONE = 2;

export class TensorPyramid {
  readonly bytes: number;
  private readonly pyramid: Pyramid;
  private readonly regionRows: number;
  private readonly regionColumns: number;
  private readonly across: number;
  private readonly states: Uint8Array;
  private readonly waiters = new Set<Waiter>();
  private running = 0;
  private timer: NodeJS.Timeout | null = null;

  /** @param atOnce regions counted at a time; @param count fills a region of the pyramid. */
  constructor(
    private readonly matrix: MatrixShape,
    models: number,
    readonly finest: number,
    private readonly atOnce: number,
    private readonly count: (pyramid: Pyramid, region: Region) => Promise<void>,
  ) {
    this.pyramid = createPyramid(matrix, models, finest);
    this.bytes = pyramidBytes(matrix, models, finest);
    const grain = regionGrain(finest);
    const fit = (size: number): number => Math.max(1, Math.floor(size / grain)) * grain;
    this.regionColumns = Math.min(matrix.columns, fit(REGION_ELEMENTS / grain));
    this.regionRows = Math.min(matrix.rows, fit(REGION_ELEMENTS / Math.max(1, this.regionColumns)));
    this.across = Math.max(1, Math.ceil(matrix.columns / Math.max(1, this.regionColumns)));
    this.states = new Uint8Array(this.across * Math.ceil(matrix.rows / Math.max(1, this.regionRows)));
  }

  /** Whether somebody waits for a tile. */
  get isWanted(): boolean {
    return this.waiters.size > 0;
  }

  /** A tile of the finest stored level or a coarser one, when all that it covers is counted. */
  tile(request: TileRequest, context: CallContext<TileProgress>): Promise<Tile> {
    const regions = this.regionsOf(tileExtent(this.matrix, request).region);
    if (this.areDone(regions)) {
      return Promise.resolve(tileOfPyramid(this.pyramid, request));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => this.settle(waiter, () => reject(new MergeError("cancelled", { where: "" })));
      const { signal } = context;
      const stop = (): void => signal.removeEventListener("abort", leave);
      const waiter: Waiter = {
        request,
        context,
        regions,
        shown: null,
        resolve: (tile) => (stop(), resolve(tile)),
        reject: (error) => (stop(), reject(error)),
      };
      this.waiters.add(waiter);
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) return leave();
      this.timer ??= setTimeout(() => this.report(), PROGRESS_INTERVAL);
      this.start();
    });
  }

  /** Numbers of the regions that a rectangle of entries touches. */
  private regionsOf(region: Region): number[] {
    if (region.rows === 0 || region.columns === 0) return [];
    const regions: number[] = [];
    const [right, bottom] = [region.column + region.columns, region.row + region.rows];
    for (let y = Math.floor(region.row / this.regionRows); y * this.regionRows < bottom; y++) {
      for (let x = Math.floor(region.column / this.regionColumns); x * this.regionColumns < right; x++) {
        regions.push(y * this.across + x);
      }
    }
    return regions;
  }

  private start(): void {
    while (this.running < this.atOnce) {
      const region = this.nextRegion();
      if (region === undefined) return;
      void this.run(region);
    }
  }

  private nextRegion(): number | undefined {
    for (const { regions } of this.waiters) {
      const open = regions.find((region) => this.states[region] === OPEN);
      if (open !== undefined) return open;
    }
    return undefined;
  }

  private async run(region: number): Promise<void> {
    this.states[region] = STARTED;
    this.running++;
    try {
      await this.count(this.pyramid, this.placeOf(region));
      this.states[region] = DONE;
      this.deriveAround(this.placeOf(region));
    } catch (error) {
      this.states[region] = OPEN;
      for (const waiter of [...this.waiters]) this.settle(waiter, () => waiter.reject(asError(error)));
    }
    this.running--;
    for (const waiter of [...this.waiters]) {
      if (!this.areDone(waiter.regions)) continue;
      this.settle(waiter, () => waiter.resolve(this.shownOf(waiter).tile()));
    }
    this.start();
  }

  private placeOf(region: number): Region {
    const row = Math.floor(region / this.across) * this.regionRows;
    const column = (region % this.across) * this.regionColumns;
    const { rows, columns } = this.matrix;
    return {
      row,
      column,
      rows: Math.min(this.regionRows, rows - row),
      columns: Math.min(this.regionColumns, columns - column),
    };
  }

  private areDone(regions: readonly number[]): boolean {
    return regions.every((region) => this.states[region] === DONE);
  }

  /** Fills the derived levels where a region was the last that they waited for. */
  private deriveAround({ row, column, rows, columns }: Region): void {
    const { matrix, pyramid } = this;
    if (pyramid.derived.length === 0) return;
    const grain = derivedGrain(this.finest);
    const tall = isTall(matrix);
    const [first, end, edge] = tall ? [row, row + rows, matrix.rows] : [column, column + columns, matrix.columns];
    for (let at = Math.floor(first / grain) * grain; at < end; at += grain) {
      const length = Math.min(grain, edge - at);
      const band = tall ? { row: at, column, rows: length, columns } : { row, column: at, rows, columns: length };
      if (this.areDone(this.regionsOf(band))) derive(pyramid, band);
    }
  }

  private settle(waiter: Waiter, how: () => void): void {
    if (!this.waiters.delete(waiter)) return;
    how();
    if (this.waiters.size > 0 || !this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
  }

  /** Tells everybody what is there of their tile. */
  private report(): void {
    const begin = performance.now();
    for (const waiter of this.waiters) {
      const { context, regions } = waiter;
      const done = regions.filter((region) => this.states[region] === DONE).length;
      const shown = done === 0 ? null : this.shownOf(waiter);
      const partial = shown && { tile: shown.tile(), known: shown.known.slice() };
      context.progress({ phase: "pictures", done, total: regions.length, partial });
    }
    const next = Math.max(PROGRESS_INTERVAL, (performance.now() - begin) / PROGRESS_SHARE);
    this.timer = setTimeout(() => this.report(), next);
  }

  /** What is there of a tile: rows of pixels that were summed for the last look are not summed again. */
  private shownOf(waiter: Waiter): PyramidTile {
    const { region } = tileExtent(this.matrix, waiter.request);
    const tile = (waiter.shown ??= new PyramidTile(this.pyramid, waiter.request));
    const block = 2 ** waiter.request.level;
    for (let y = 0; y < tile.height; y++) {
      const row = region.row + y * block;
      const rows = Math.min(block, this.matrix.rows - row);
      if (!tile.known[y] && this.areDone(this.regionsOf({ ...region, row, rows }))) tile.add(y);
    }
    return tile;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
