/** A canvas of the scene, and how one is painted. */
import { TILE_SIZE, type MatrixShape, type Tile, type TileRequest } from "../../src/protocol/tiles";
import type { Face, Overlay, Picture } from "./blend";
import { overlayKey, paintTile, partOf, pictureKey } from "./blend";
import { drawCells, GLYPH_CELL } from "./drawCells";
import { drawCrosshair } from "./drawCrosshair";
import type { Profiles } from "./profiles";
import { profilesOf } from "./profiles";
import type { Strips } from "./drawProfiles";
import { drawProfiles } from "./drawProfiles";
import { drawTiles } from "./drawTiles";
import { levelsFor, placeKey, topLevel, visibleTiles } from "./levels";
import { LruCache } from "./lruCache";
import type { ParameterValues } from "./parameterAt";
import type { PictureData } from "./pictureData";
import type { ThemeColors } from "./themeColors";
import { tileFaces } from "./tileFace";
import type { Cell, Projection, Size, Viewport } from "./viewport";
import { cellSize, isStretched, project } from "./viewport";

/** Painted tiles of all pictures together. */
const PAINTED_CACHE_BYTES = 48 * 2 ** 20;
/** Painting in one frame, in milliseconds: what is left is drawn coarser, and painted in the next. */
const PAINT_BUDGET_MS = 6;
/** How often profiles follow a view that moves, in milliseconds: every frame is the pictures'. */
const FOLLOW_MS = 120;
/** Distance of the lines that mark what is not known yet, in device pixels. */
const UNKNOWN_STEP = 7;

/** A canvas that follows its element's size and the screen's pixels. */
export class Surface {
  size: Size = { width: 0, height: 0 };
  /** Device pixels per CSS pixel. */
  ratio = 1;
  /** Whether it is on the screen; else it need not be drawn at every step of a view that moves. */
  isInView = true;
  private readonly observer: ResizeObserver;
  private readonly sight: IntersectionObserver;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly picture: Picture,
    readonly strips: Strips | null,
    private readonly onChange: () => void,
  ) {
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(canvas);
    this.sight = new IntersectionObserver((entries) => {
      this.isInView = entries.at(-1)?.isIntersecting ?? true;
      if (this.isInView) this.onChange();
    });
    this.sight.observe(canvas);
    this.measure();
  }

  dispose(): void {
    this.observer.disconnect();
    this.sight.disconnect();
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = window.devicePixelRatio || 1;
    if (width === this.size.width && height === this.size.height && ratio === this.ratio) return;
    this.size = { width, height };
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.onChange();
  }
}

export interface SurfaceContent {
  tensor: string;
  matrix: MatrixShape;
  viewport: Viewport;
  active: Cell | null;
  pinned: boolean;
  showConflicts: boolean;
  overlay: Overlay;
  limit: number;
  /** Whether the view rests: only then are profiles worked out. */
  resting: boolean;
  valuesAt(cell: Cell): ParameterValues | null;
}

type PaintedTile = { tile: Tile; image: OffscreenCanvas } | null;

export class SurfacePainter {
  private readonly painted = new LruCache<OffscreenCanvas>(PAINTED_CACHE_BYTES);
  /** What is known of tiles that are being counted, as long as it is the latest. */
  private partials = new WeakMap<object, Map<string, OffscreenCanvas>>();
  private unknown: CanvasPattern | null = null;
  private readonly profiles = new Map<Surface, { key: string; profiles: Profiles | null }>();
  private deadline = 0;
  private unfinished = false;
  /** When profiles were drawn last. */
  private followedAt = 0;
  /** Whether the last frame left something out that no tile covers. */
  isBlank = false;

  constructor(
    private readonly data: PictureData,
    private colors: ThemeColors,
  ) {}

  setColors(colors: ThemeColors): void {
    this.colors = colors;
    this.painted.clear();
    this.partials = new WeakMap();
    this.unknown = null;
  }

  forget(surface: Surface): void {
    this.profiles.delete(surface);
  }

  /** The profiles that a picture shows; null where there are none yet. */
  profilesOf(surface: Surface): Profiles | null {
    return this.profiles.get(surface)?.profiles ?? null;
  }

  /** Draws all surfaces. Whether some is to be drawn again, because there was more to paint than a frame has time. */
  drawAll(surfaces: Iterable<Surface>, content: SurfaceContent): boolean {
    this.deadline = performance.now() + PAINT_BUDGET_MS;
    this.unfinished = false;
    this.isBlank = false;
    const drawn = [...surfaces].filter(({ isInView }) => isInView || content.resting);
    const strips = drawn.map((surface) => this.draw(surface, content));
    const now = performance.now();
    if (content.resting || now > this.followedAt + FOLLOW_MS) {
      this.followedAt = now;
      for (const drawStrips of strips) drawStrips();
    }
    return this.unfinished;
  }

  /** @returns what draws the strips at its edges. */
  private draw(surface: Surface, content: SurfaceContent): () => void {
    const context = surface.canvas.getContext("2d");
    if (!context || surface.size.width === 0) return () => undefined;
    const { matrix } = content;
    const projection = project(content.viewport, matrix, surface.size);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, surface.canvas.width, surface.canvas.height);
    context.save();
    const tiles = this.drawMatrix(context, surface, content, projection);
    context.restore();
    context.setTransform(surface.ratio, 0, 0, surface.ratio, 0, 0);
    const options = { ...content, picture: surface.picture, colors: this.colors };
    if (cellSize(projection) >= GLYPH_CELL) {
      const faceAt = this.facesOf(surface.picture, content);
      drawCells(context, projection, matrix, surface.size, { ...options, faceAt });
    }
    if (content.active) {
      drawCrosshair(context, projection, surface.size, content.active, content.pinned, this.colors);
    }
    return () => this.drawStrips(surface, content, projection, tiles);
  }

  /** Of cells without values, from the tiles of single entries that hold them. */
  private facesOf(picture: Picture, content: SurfaceContent): (cell: Cell) => Face | null {
    const planes = partOf(picture, content.overlay);
    const faces = new Map<Tile, (pixel: number) => Face | null>();
    return ({ row, column }) => {
      const place = { row: Math.floor(row / TILE_SIZE), column: Math.floor(column / TILE_SIZE) };
      const tile = this.data.tileWith({ tensor: content.tensor, level: 0, ...place, planes })?.tile;
      if (!tile) return null;
      const of = faces.get(tile) ?? tileFaces(tile, picture, { ...content, palette: this.colors });
      faces.set(tile, of);
      return of((row % TILE_SIZE) * tile.width + (column % TILE_SIZE));
    };
  }

  /** The matrix's ground and its tiles, in device pixels. */
  private drawMatrix(
    context: CanvasRenderingContext2D,
    { size, ratio, picture }: Surface,
    content: SurfaceContent,
    projection: Projection,
  ): TileRequest[] {
    const { tensor, matrix } = content;
    const device = {
      across: projection.across * ratio,
      down: projection.down * ratio,
      left: projection.left * ratio,
      top: projection.top * ratio,
    };
    const left = Math.max(0, Math.round(device.left));
    const top = Math.max(0, Math.round(device.top));
    const right = Math.min(context.canvas.width, Math.round(device.left + matrix.columns * device.across));
    const bottom = Math.min(context.canvas.height, Math.round(device.top + matrix.rows * device.down));
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.fillStyle = `rgb(${this.colors.background.join(" ")})`;
    context.fillRect(left, top, right - left, bottom - top);
    const tiles = visibleTiles(tensor, projection, matrix, size, levelsFor(projection, ratio, matrix));
    const atHand = { coarsest: topLevel(matrix), isStretched: isStretched(matrix, size) };
    const covered = drawTiles(context, device, tiles, atHand, {
      paint: (request) => this.paint(request, picture, content),
      paintPartial: (request) => this.paintPartial(request, picture, content),
      // The ground alone would say that nobody keeps anything here.
      markUnknown: (x, y, xEnd, yEnd) => {
        context.fillStyle = (this.unknown ??= this.unknownPattern(context)) ?? this.colors.faint;
        context.fillRect(x, y, xEnd - x, yEnd - y);
      },
    });
    this.isBlank ||= !covered;
    return tiles;
  }

  /** Diagonal lines. */
  private unknownPattern(context: CanvasRenderingContext2D): CanvasPattern | null {
    const lines = new OffscreenCanvas(UNKNOWN_STEP, UNKNOWN_STEP);
    const own = lines.getContext("2d");
    if (!own) return null;
    own.strokeStyle = this.colors.faint;
    own.lineWidth = 1;
    // Of the lines of the neighbours the corners.
    for (const x of [-UNKNOWN_STEP, 0, UNKNOWN_STEP]) {
      own.moveTo(x, UNKNOWN_STEP);
      own.lineTo(x + UNKNOWN_STEP, 0);
    }
    own.stroke();
    return context.createPattern(lines, "repeat");
  }

  private drawStrips(surface: Surface, content: SurfaceContent, projection: Projection, tiles: TileRequest[]): void {
    const { picture, size, ratio, strips } = surface;
    if (!strips) return;
    if (content.resting) {
      const { tensor, viewport, showConflicts, overlay, matrix } = content;
      const planes = partOf(picture, overlay);
      const here = tiles.flatMap((tile) => this.data.tileWith({ ...tile, planes }) ?? []);
      const estimated = here.filter(({ tile }) => tile.estimated).length;
      const key = JSON.stringify([tensor, viewport, size, showConflicts, overlay, here.length, estimated]);
      if (this.profiles.get(surface)?.key !== key) {
        const tileAt = (request: TileRequest): Tile | undefined => this.data.tileWith({ ...request, planes })?.tile;
        const options = { picture, showConflicts, overlay };
        this.profiles.set(surface, { key, profiles: profilesOf(matrix, projection, size, tiles, tileAt, options) });
      }
    }
    drawProfiles(strips, ratio, projection, size, picture, this.profilesOf(surface), this.colors);
  }

  private paint(request: TileRequest, picture: Picture, options: SurfaceContent): PaintedTile {
    const tile = this.data.tileWith({ ...request, planes: partOf(picture, options.overlay) })?.tile;
    if (!tile) return null;
    const key = `${looksOf(picture, options)} ${placeKey(tile)} ${tile.estimated ? "≈" : ""}`;
    const known = this.painted.get(key);
    if (known) return { tile, image: known };
    // The coarsest is what there is when there is nothing else.
    if (performance.now() > this.deadline && request.level < topLevel(options.matrix)) {
      this.unfinished = true;
      return null;
    }
    const image = this.canvasOf(tile, picture, options, null);
    this.painted.set(key, image, tile.width * tile.height * 4);
    return { tile, image };
  }

  private paintPartial(request: TileRequest, picture: Picture, options: SurfaceContent): PaintedTile {
    const partial = this.data.partialWith({ ...request, planes: partOf(picture, options.overlay) });
    if (!partial) return null;
    const images = this.partials.get(partial) ?? new Map<string, OffscreenCanvas>();
    this.partials.set(partial, images);
    const key = looksOf(picture, options);
    const image = images.get(key) ?? this.canvasOf(partial.tile, picture, options, partial.known);
    images.set(key, image);
    return { tile: partial.tile, image };
  }

  private canvasOf(tile: Tile, picture: Picture, content: SurfaceContent, known: Uint8Array | null): OffscreenCanvas {
    const { showConflicts, overlay, limit } = content;
    const canvas = new OffscreenCanvas(Math.max(1, tile.width), Math.max(1, tile.height));
    const pixels = paintTile(tile, picture, { palette: this.colors, showConflicts, overlay, limit }, known);
    if (pixels.length > 0) canvas.getContext("2d")?.putImageData(new ImageData(pixels, tile.width), 0, 0);
    return canvas;
  }
}

/** What the pixels of a picture follow from, besides its tile. */
const looksOf = (picture: Picture, { limit, showConflicts, overlay }: SurfaceContent): string =>
  `${pictureKey(picture)} ${picture.kind === "merged" ? limit : showConflicts} ${overlayKey(overlay)}`;
