/** A figure as the file that is saved: the SVG itself, or a PNG drawn from it. */
import type { PictureFile, PictureFormat } from "../../src/protocol/inspector";
import type { DrawnFigure, Figure } from "./figure";
import { drawFigure } from "./figure";
import { readFigureColors } from "./figureColors";

/** Pixels of a PNG per unit of the picture: sharp in print. */
const PNG_SCALE = 2;
/** No side is longer in pixels: browsers draw nothing beyond. */
const MAX_SIDE = 12_000;
const MAX_NAME = 120;

export async function pictureFile(figure: Figure, format: PictureFormat): Promise<PictureFile> {
  const colors = readFigureColors();
  let drawn: DrawnFigure;
  try {
    drawn = drawFigure(figure, colors);
  } finally {
    colors.release();
  }
  const name = figure.name.slice(0, MAX_NAME);
  return { name, format, content: format === "svg" ? `${drawn.svg}\n` : await png(drawn) };
}

async function png({ svg, width, height }: DrawnFigure): Promise<Uint8Array> {
  const scale = Math.min(PNG_SCALE, MAX_SIDE / Math.max(width, height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("the picture is too large for a PNG");
  return new Uint8Array(await blob.arrayBuffer());
}
