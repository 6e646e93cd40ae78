/** A canvas of the scene, and how one is painted. */
import type { MatrixShape, Tile } from "../../src/protocol/tiles";
import type { Picture } from "./blend";
import { paintTile, pictureKey } from "./blend";
import { drawCells, GLYPH_CELL } from "./drawCells";
import { drawCrosshair } from "./drawCrosshair";
import { drawTiles } from "./drawTiles";
import { chooseLevel, tileKey, topLevel, visibleTiles } from "./levels";
import { LruCache } from "./lruCache";
import type { ParameterValues } from "./parameterAt";
import type { PictureData } from "./pictureData";
import type { ThemeColors } from "./themeColors";
import type { Cell, Projection, Size, Viewport } from "./viewport";
import { project } from "./viewport";

/** Painted tiles of all pictures together. */
const PAINTED_CACHE_BYTES = 48 * 2 ** 20;

/** A canvas that follows its element's size and the screen's pixels. */
export class Surface {
  size: Size = { width: 0, height: 0 };
  /** Device pixels per CSS pixel. */
  ratio = 1;
  private readonly observer: ResizeObserver;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly picture: Picture,
    private readonly onResize: () => void,
  ) {
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(canvas);
    this.measure();
  }

  dispose(): void {
    this.observer.disconnect();
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = window.devicePixelRatio || 1;
    if (width === this.size.width && height === this.size.height && ratio === this.ratio) return;
    this.size = { width, height };
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.onResize();
  }
}

export interface SurfaceContent {
  tensor: string;
  matrix: MatrixShape;
  viewport: Viewport;
  active: Cell | null;
  pinned: boolean;
  showConflicts: boolean;
  limit: number;
  valuesAt(cell: Cell): ParameterValues | null;
}

export class SurfacePainter {
  private readonly painted = new LruCache<OffscreenCanvas>(PAINTED_CACHE_BYTES);

  constructor(
    private readonly data: PictureData,
    private colors: ThemeColors,
  ) {}

  setColors(colors: ThemeColors): void {
    this.colors = colors;
    this.painted.clear();
  }

  draw(surface: Surface, content: SurfaceContent): void {
    const context = surface.canvas.getContext("2d");
    if (!context || surface.size.width === 0) return;
    const { matrix } = content;
    const projection = project(content.viewport, matrix, surface.size);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, surface.canvas.width, surface.canvas.height);
    context.save();
    this.drawMatrix(context, surface, content, projection);
    context.restore();
    context.setTransform(surface.ratio, 0, 0, surface.ratio, 0, 0);
    const options = { ...content, picture: surface.picture, colors: this.colors };
    if (projection.scale >= GLYPH_CELL) drawCells(context, projection, matrix, surface.size, options);
    if (content.active) {
      drawCrosshair(context, projection, surface.size, content.active, content.pinned, this.colors);
    }
  }

  /** The matrix's ground and its tiles, in device pixels. */
  private drawMatrix(
    context: CanvasRenderingContext2D,
    { size, ratio, picture }: Surface,
    { tensor, matrix, showConflicts, limit }: SurfaceContent,
    projection: Projection,
  ): void {
    const device = { scale: projection.scale * ratio, left: projection.left * ratio, top: projection.top * ratio };
    const left = Math.round(device.left);
    const top = Math.round(device.top);
    const right = Math.round(device.left + matrix.columns * device.scale);
    const bottom = Math.round(device.top + matrix.rows * device.scale);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.fillStyle = `rgb(${this.colors.background.join(" ")})`;
    context.fillRect(left, top, right - left, bottom - top);
    const coarsest = topLevel(matrix);
    const level = Math.min(chooseLevel(device.scale), coarsest);
    drawTiles(context, device, visibleTiles(tensor, projection, matrix, size, level), coarsest, {
      has: (request) => this.data.tiles.get(request)?.tile,
      paint: (tile) => this.paint(tile, picture, showConflicts, limit),
    });
  }

  private paint(tile: Tile, picture: Picture, showConflicts: boolean, limit: number): OffscreenCanvas {
    const options = picture.kind === "merged" ? String(limit) : String(showConflicts);
    const key = `${pictureKey(picture)} ${options} ${tileKey(tile)}`;
    const known = this.painted.get(key);
    if (known) return known;
    const canvas = new OffscreenCanvas(Math.max(1, tile.width), Math.max(1, tile.height));
    const pixels = paintTile(tile, picture, { palette: this.colors, showConflicts, limit });
    if (pixels.length > 0) canvas.getContext("2d")?.putImageData(new ImageData(pixels, tile.width), 0, 0);
    this.painted.set(key, canvas, pixels.byteLength);
    return canvas;
  }
}
