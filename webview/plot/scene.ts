/**
 * The linked pictures of one tensor: one viewport, one crosshair, one drawing loop. Canvases attach to it;
 * whoever shows numbers subscribes to it.
 */
import type {
  MagnitudeCounts,
  MatrixShape,
  ParameterRequest,
  TileProgress,
  TileRequest,
} from "../../src/protocol/tiles";
import type { Overlay, Picture } from "./blend";
import { overlayKey, partOf } from "./blend";
import { GLYPH_CELL } from "./drawCells";
import type { Strips } from "./drawProfiles";
import { levelsFor, topLevel, visibleTiles } from "./levels";
import type { ParameterValues } from "./parameterAt";
import { blockKey, blockOf, blocksIn, parameterAt } from "./parameterAt";
import { pauseWhileHidden } from "./pauseWhileHidden";
import type { PictureApi } from "./pictureData";
import { createPictureData } from "./pictureData";
import type { Profiles } from "./profiles";
import { Surface, SurfacePainter } from "./surface";
import { onThemeChange, readThemeColors } from "./themeColors";
import { niceCeiling } from "./valueScale";
import type { Cell, Size, Viewport } from "./viewport";
import * as geometry from "./viewport";
import type { PictureView } from "./wantedTiles";
import { wantedTiles } from "./wantedTiles";

/** A pointer that rests this long asks for the values under it. */
const POINTER_REST_MS = 60;
/** A view that rests this long gets its profiles. */
const VIEW_REST_MS = 90;
const EMPTY: MatrixShape = { rows: 0, columns: 0, elements: 0 };

export class TensorScene {
  private tensor = "";
  private matrixShape = EMPTY;
  private view = geometry.fitViewport(EMPTY);
  private hoveredCell: Cell | null = null;
  private pinnedCell: Cell | null = null;
  /** The cell whose values are asked for: the active one, once the pointer rests. */
  private restingCell: Cell | null = null;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  private viewTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the view has not moved for a moment. */
  resting = true;
  private zoomedAt = -Infinity;
  private conflictsShown = true;
  private shownOverlay: Overlay = null;
  private valueLimit = 0;
  /** Until the statistics are exact. */
  private mayEstimate = true;
  private readonly surfaces = new Map<HTMLCanvasElement, Surface>();
  private readonly listeners = new Set<() => void>();
  private readonly data;
  private readonly painter;
  private readonly stops: (() => void)[] = [];

  constructor(api: PictureApi, models: number) {
    this.data = createPictureData(
      api,
      models,
      () => this.mayEstimate,
      () => this.invalidate(),
    );
    this.painter = new SurfacePainter(this.data, readThemeColors());
    this.stops.push(
      pauseWhileHidden(this.data, () => this.invalidate()),
      onThemeChange(() => {
        this.painter.setColors(readThemeColors());
        this.invalidate();
      }),
    );
  }

  get matrix(): MatrixShape {
    return this.matrixShape;
  }
  get viewport(): Viewport {
    return this.view;
  }
  get pinned(): Cell | null {
    return this.pinnedCell;
  }
  /** The parameter that the panel explains: the pinned one, else the one under the pointer. */
  get active(): Cell | null {
    return this.pinnedCell ?? this.hoveredCell;
  }
  get loading(): boolean {
    return this.data.tiles.missing > 0;
  }
  /** Whether part of a picture in view has nothing to show, not even coarsely. */
  get isBlank(): boolean {
    return this.painter.isBlank;
  }
  /** Whether some picture in view shows what the sample says. */
  get isEstimated(): boolean {
    return this.data.tiles.some(({ tile }) => tile.estimated === true);
  }
  /** What the pictures in view wait for; null where nothing is told. */
  get progress(): TileProgress | null {
    return this.data.tiles.progress;
  }
  /** Counts of the shown tensor's magnitudes, once a parameter has been looked at. */
  get magnitudes(): MagnitudeCounts | null {
    return this.data.magnitudes.get(this.tensor) ?? null;
  }
  /** Why a picture, or a parameter, could not be had; null where nothing failed. */
  get tileFailure(): unknown {
    return this.data.tiles.failure;
  }
  get blockFailure(): unknown {
    return this.data.blocks.failure;
  }
  /** End of the scale of τ_m; 0 where nothing is known yet. */
  get limit(): number {
    return this.valueLimit;
  }
  /** Onto the largest picture. */
  get projection(): geometry.Projection {
    return geometry.project(this.view, this.matrixShape, this.largest());
  }
  get zoomLimits(): { atLeast: boolean; atMost: boolean } {
    const limit = geometry.maxZoom(this.matrixShape, this.largest());
    return { atLeast: this.view.zoom <= 1, atMost: this.view.zoom >= limit * (1 - 1e-9) };
  }
  /** Rows and columns in view, end exclusive. */
  get range(): ReturnType<typeof geometry.visibleRange> {
    return geometry.visibleRange(this.projection, this.matrixShape, this.largest());
  }

  /** Shows a tensor; a null viewport is the whole matrix. */
  show(tensor: string, matrix: MatrixShape, viewport: Viewport | null, pinned: Cell | null): void {
    this.tensor = tensor;
    this.matrixShape = matrix;
    this.view = viewport ?? geometry.fitViewport(matrix);
    this.pinnedCell = pinned && geometry.isInside(matrix, pinned) ? pinned : null;
    this.hoveredCell = null;
    this.restOn(this.pinnedCell, 0);
    this.invalidate();
  }

  attach(canvas: HTMLCanvasElement, picture: Picture, strips: Strips | null = null): void {
    this.drop(canvas);
    this.surfaces.set(canvas, new Surface(canvas, picture, strips, () => this.invalidate()));
    this.invalidate();
  }

  detach(canvas: HTMLCanvasElement): void {
    this.drop(canvas);
    this.invalidate();
  }

  /** The profiles at the edges of a picture, as they are drawn. */
  profilesOf(canvas: HTMLCanvasElement): Profiles | null {
    const surface = this.surfaces.get(canvas);
    return surface ? this.painter.profilesOf(surface) : null;
  }

  private drop(canvas: HTMLCanvasElement): void {
    const surface = this.surfaces.get(canvas);
    if (!surface) return;
    surface.dispose();
    this.painter.forget(surface);
    this.surfaces.delete(canvas);
  }

  sizeOf(canvas: HTMLCanvasElement): Size {
    return this.surfaces.get(canvas)?.size ?? { width: 0, height: 0 };
  }

  /** Once the statistics are exact, so are the pictures; those that were estimated are loaded again. */
  setExact(isExact: boolean): void {
    if (this.mayEstimate === !isExact) return;
    this.mayEstimate = !isExact;
    if (isExact) this.data.refreshEstimated();
  }

  setShowConflicts(shown: boolean): void {
    if (shown === this.conflictsShown) return;
    this.conflictsShown = shown;
    this.invalidate();
  }

  setOverlay(overlay: Overlay): void {
    if (overlayKey(overlay) === overlayKey(this.shownOverlay)) return;
    this.shownOverlay = overlay;
    this.invalidate();
  }

  fit(): void {
    this.setViewport(geometry.fitViewport(this.matrixShape));
  }

  /** Zooms around a point of one picture, or around the active parameter, or the middle. */
  zoom(factor: number, at?: { x: number; y: number; size: Size }): void {
    const size = at?.size ?? this.largest();
    const { across, down, left, top } = geometry.project(this.view, this.matrixShape, size);
    const middle = this.active
      ? { x: left + (this.active.column + 0.5) * across, y: top + (this.active.row + 0.5) * down }
      : { x: size.width / 2, y: size.height / 2 };
    const { x, y } = at ?? middle;
    this.setViewport(geometry.zoomAt(this.view, this.matrixShape, size, x, y, factor));
  }

  pan(dx: number, dy: number, size: Size = this.largest()): void {
    this.setViewport(geometry.panBy(this.view, this.matrixShape, size, dx, dy));
  }

  hover(cell: Cell | null): void {
    this.hoveredCell = cell;
    if (!this.pinnedCell) this.restOn(cell, POINTER_REST_MS);
    this.invalidate();
  }

  pin(cell: Cell | null): void {
    this.pinnedCell = cell;
    this.restOn(this.active, 0);
    this.invalidate();
  }

  /** Moves the active parameter (or starts at the middle of the view) and keeps it in sight. */
  step(rows: number, columns: number): void {
    const middle = { row: Math.floor(this.view.row), column: Math.floor(this.view.column) };
    this.moveTo(geometry.stepCell(this.matrixShape, this.active ?? middle, rows, columns));
  }

  moveTo(cell: Cell): void {
    if (!geometry.isInside(this.matrixShape, cell)) return;
    if (this.pinnedCell) this.pinnedCell = cell;
    else this.hoveredCell = cell;
    this.restOn(cell, POINTER_REST_MS);
    this.setViewport(geometry.reveal(this.view, this.matrixShape, this.largest(), cell));
  }

  /** The values of a cell, or null while they are on their way. */
  valuesAt(cell: Cell): ParameterValues | null {
    const block = this.data.blocks.get(blockOf(this.tensor, this.matrixShape, cell));
    return block ? parameterAt(block, cell) : null;
  }

  retry(): void {
    this.data.tiles.retry();
    this.data.blocks.retry();
    this.data.magnitudes.retry();
    this.invalidate();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.restTimer);
    clearTimeout(this.viewTimer);
    for (const surface of this.surfaces.values()) surface.dispose();
    this.surfaces.clear();
    for (const stop of this.stops) stop();
    this.data.tiles.clear();
    this.data.blocks.clear();
    this.data.magnitudes.clear();
  }

  private setViewport(viewport: Viewport): void {
    if (viewport.zoom !== this.view.zoom) this.zoomedAt = performance.now();
    this.view = geometry.clampViewport(viewport, this.matrixShape, this.largest());
    this.resting = false;
    clearTimeout(this.viewTimer);
    this.viewTimer = setTimeout(() => {
      this.resting = true;
      this.invalidate();
    }, VIEW_REST_MS);
    this.invalidate();
  }

  private largest(): Size {
    let largest: Size = { width: 0, height: 0 };
    for (const { size } of this.surfaces.values()) if (size.width > largest.width) largest = size;
    return largest;
  }

  private restOn(cell: Cell | null, delay: number): void {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      this.restingCell = cell;
      this.invalidate();
    }, delay);
  }

  private invalidate(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    if (this.matrixShape.elements > 0 && this.largest().width > 0) {
      this.view = geometry.clampViewport(this.view, this.matrixShape, this.largest());
      const merged = this.requestVisible();
      // The scale stays while the view moves: another one would repaint every tile.
      if (this.resting || this.valueLimit === 0) this.valueLimit = this.limitOf(merged) || this.valueLimit;
      const unfinished = this.painter.drawAll(this.surfaces.values(), {
        tensor: this.tensor,
        matrix: this.matrixShape,
        viewport: this.view,
        active: this.active,
        pinned: this.pinnedCell !== null,
        showConflicts: this.conflictsShown,
        overlay: this.shownOverlay,
        limit: this.valueLimit,
        resting: this.resting,
        valuesAt: (cell) => this.valuesAt(cell),
      });
      if (unfinished) this.invalidate();
    }
    for (const listener of [...this.listeners]) listener();
  }

  /** Asks for what is in view; returns the tiles of the picture of τ_m. */
  private requestVisible(): TileRequest[] {
    const views: PictureView[] = [];
    const blocks = new Map<string, ParameterRequest>();
    let merged: TileRequest[] = [];
    const add = (block: ParameterRequest): void => void blocks.set(blockKey(block), block);
    if (this.restingCell) add(blockOf(this.tensor, this.matrixShape, this.restingCell));
    for (const { size, ratio, picture, isInView } of this.surfaces.values()) {
      // Of what is scrolled out of sight the tiles can wait until the view rests.
      if (!isInView && !this.resting) continue;
      const projection = geometry.project(this.view, this.matrixShape, size);
      const levels = levelsFor(projection, ratio, this.matrixShape);
      const visible = visibleTiles(this.tensor, projection, this.matrixShape, size, levels);
      views.push({ tiles: visible, planes: partOf(picture, this.shownOverlay) });
      if (picture.kind === "merged") merged = visible;
      if (geometry.cellSize(projection) < GLYPH_CELL) continue;
      const range = geometry.visibleRange(projection, this.matrixShape, size);
      blocksIn(this.tensor, this.matrixShape, range).forEach(add);
    }
    const isHeld = (request: TileRequest): boolean => this.data.tiles.get(request) !== undefined;
    const zooming = performance.now() < this.zoomedAt + VIEW_REST_MS;
    this.data.tiles.want(wantedTiles(views, topLevel(this.matrixShape), zooming, isHeld));
    this.data.magnitudes.want(this.restingCell ? [this.tensor] : []);
    this.data.blocks.want([...blocks.values()]);
    return merged;
  }

  private limitOf(tiles: readonly TileRequest[]): number {
    return niceCeiling(
      Math.max(0, ...tiles.map((tile) => this.data.tileWith({ ...tile, planes: "merge" })?.typicalLargest ?? 0)),
    );
  }
}
