/** One self-contained HTML file with the inspector's views on the exact statistics: nothing is loaded, nothing asked. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import { dtypeBytes } from "../engine/format/dtypes";
import { placeBlock, planPictures } from "../engine/stats/reportPictures";
import { MergeError } from "../protocol/errors";
import type { InterferenceReport } from "../protocol/report";
import {
  pictureLayout,
  REPORT_DATA_TYPE,
  REPORT_ELEMENT,
  STATISTICS_ELEMENT,
  type ReportIndex,
  type StoredPictures,
} from "../protocol/reportFile";
import {
  TILE_SIZE,
  type ParameterBlock,
  type ParameterRequest,
  type Shares,
  type Tile,
  type TileRequest,
} from "../protocol/tiles";
import { reportDate } from "./reportDate";

/** Small enough to be sent by mail. The statistics are whole whatever their size; the pictures fill the rest. */
export const DEFAULT_REPORT_BYTES = 20_000_000;
/** Tensors whose pictures are computed at once: enough to keep the workers busy, few enough for the memory. */
const AHEAD = 4;

/** Where the figures and pictures come from. */
export interface ReportSource {
  inspection: ReportIndex["inspection"];
  report: InterferenceReport;
  tile(request: TileRequest): Promise<Tile>;
  parameters(request: ParameterRequest): Promise<ParameterBlock>;
}

export interface HtmlReportOptions {
  /** Of the program. */
  version: string;
  title: string;
  /** By default `reportDate`. */
  written?: Date;
  /** BCP 47 tag, and the translations of the webview's strings. */
  language: string;
  strings: Record<string, string>;
  limitBytes?: number;
  signal?: AbortSignal;
  /** Before each tensor whose pictures are written: bytes of the inputs gone through, and in all. */
  onTensor?: (name: string, done: number, total: number) => void;
}

/** The text of the file in parts; what has been given out is not held. */
export async function* htmlReport(source: ReportSource, options: HtmlReportOptions): AsyncGenerator<string> {
  const assets = await readAssets();
  const { inspection, report } = source;
  const { limitBytes = DEFAULT_REPORT_BYTES } = options;
  const models = inspection.set.models.length;
  const rows = new Map(report.tensors.map((row) => [row.name, row]));
  const conflict = inspection.tensors.map(({ name, shape }) => {
    const row = rows.get(name);
    return { shape, conflict: row && row.elements > 0 ? row.conflict / row.elements : 0 };
  });
  // The index says where the blocks lie, which is known when all pictures are: it stands last in the file.
  const index: ReportIndex = {
    language: options.language,
    strings: options.strings,
    notes: {
      version: options.version,
      written: (options.written ?? reportDate()).toISOString(),
      limitBytes,
      edge: 0,
      finerEdge: 0,
      tensors: 0,
      pictures: 0,
      finer: 0,
      parameters: 0,
    },
    inspection,
    pictures: inspection.tensors.map(() => ({ ...WIDEST_PICTURE, block: WIDEST_BLOCK })),
  };
  const page = pageParts(assets, options);
  const statistics = dataElement(STATISTICS_ELEMENT, await packedReport(report));
  const indexSize = (await compressed(JSON.stringify(index))).length;
  const fixed = page.head.length + page.scripts.length + statistics.length + indexSize;
  const plan = planPictures(conflict, models, Math.max(0, limitBytes - fixed));
  Object.assign(index.notes, plan.notes);
  index.pictures = plan.pictures;

  yield page.head;
  yield statistics;
  const wanted = plan.pictures.flatMap((picture, at) => (picture ? [{ picture, at }] : []));
  const running: Promise<{ text: string; stored: StoredPictures; at: number }>[] = [];
  const totalBytes = wanted.reduce((sum, { at }) => sum + inputBytes(inspection, at), 0);
  let doneBytes = 0;
  let next = 0;
  try {
    for (const { at } of wanted) {
      while (next < wanted.length && running.length < AHEAD) {
        const { picture, at } = wanted[next++];
        running.push(picturesOf(source, picture, at, models));
      }
      if (options.signal?.aborted) throw new MergeError("cancelled", { where: "" });
      options.onTensor?.(inspection.tensors[at].name, doneBytes, totalBytes);
      const finished = await running[0];
      void running.shift();
      index.pictures[finished.at] = finished.stored;
      doneBytes += inputBytes(inspection, at);
      yield finished.text;
    }
  } finally {
    // Whoever stops early leaves no rejection behind.
    for (const left of running) left.catch(() => undefined);
  }
  yield dataElement(REPORT_ELEMENT, await compressed(JSON.stringify(index)));
  yield page.scripts;
}

/** Bytes of a tensor in the base and the models. */
function inputBytes({ tensors, set }: ReportSource["inspection"], at: number): number {
  const { elements, dtype } = tensors[at];
  return elements * (dtypeBytes(dtype) ?? 0) * (set.models.length + 1);
}

/** As long as the entry of any tensor and the place of any block, for the estimate. */
const WIDEST_PICTURE = {
  level: 20,
  width: 999,
  height: 999,
  settings: { lambda: 0.333_333_333_333_333_3, normalize: false, outDtype: "BF16" },
};
const WIDEST_BLOCK = { row: 9_999_999, column: 9_999_999, rows: 64, columns: 64 };

interface Assets {
  inspector: string;
  host: string;
  styles: string[];
}

/** The webview as it ships: beside this bundle, or in dist/ when the sources themselves run. */
async function readAssets(): Promise<Assets> {
  const beside = join(__dirname, "webview");
  const folder = existsSync(join(beside, "main.js")) ? beside : join(__dirname, "..", "..", "dist", "webview");
  // A report has no maps beside it.
  const read = async (name: string): Promise<string> =>
    (await readFile(join(folder, name), "utf8")).replace(/^(?:\/\/|\/\*)# sourceMappingURL=.*$/m, "");
  const [inspector, host, theme, style] = await Promise.all(
    ["main.js", "reportHost.js", "report.css", "style.css"].map(read),
  );
  return { inspector, host, styles: [theme, style] };
}

function pageParts({ inspector, host, styles }: Assets, { title, language }: HtmlReportOptions) {
  const code = [host, inspector].map(inlineScript);
  // The same file for the same input and date: the nonce is no secret in a file that nobody serves, it only names what may run.
  const nonce = createHash("sha256").update(code.join("")).digest("base64url").slice(0, 22);
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return {
    head: `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
${styles.map((style) => `<style nonce="${nonce}">${style.replaceAll("</", "<\\/")}</style>\n`).join("")}</head>
<body>
<ties-inspector></ties-inspector>
`,
    scripts: `${code.map((text) => `<script nonce="${nonce}">${text}</script>\n`).join("")}</body>\n</html>\n`,
  };
}

/** Code that an HTML parser leaves alone: in strings, the only place where these stand, an escape says the same. */
const inlineScript = (code: string): string =>
  code
    .replace(/<(?=\/script)/gi, "\\x3c")
    .replaceAll("<!--", "\\x3c!--")
    .replace(/<(?=script)/gi, "\\x3c");

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

const dataElement = (id: string, base64: string): string =>
  `<script type="${REPORT_DATA_TYPE}" id="${id}">${base64}</script>\n`;

const deflate = promisify(gzip);

async function compressed(data: string | Uint8Array): Promise<string> {
  return (await deflate(data)).toString("base64");
}

/** Tensors that are written at once: a few milliseconds in which nothing else can be done. */
const ROWS_A_PIECE = 100;

async function packedReport({ tensors, ...rest }: InterferenceReport): Promise<string> {
  async function* json(): AsyncGenerator<string> {
    yield `${JSON.stringify(rest).slice(0, -1)},"tensors":[`;
    for (let at = 0; at < tensors.length; at += ROWS_A_PIECE) {
      const rows = tensors.slice(at, at + ROWS_A_PIECE).map((row) => JSON.stringify(row));
      yield `${at > 0 ? "," : ""}${rows.join(",")}`;
      await setImmediate();
    }
    yield "]}";
  }
  const packed: Buffer[] = [];
  for await (const part of Readable.from(json()).pipe(createGzip())) packed.push(part as Buffer);
  return Buffer.concat(packed).toString("base64");
}

async function picturesOf(source: ReportSource, picture: StoredPictures, at: number, models: number) {
  const { name, shape } = source.inspection.tensors[at];
  const whole = await wholePicture(source, name, picture, models);
  const conflict = whole.elected.subarray(2 * picture.width * picture.height);
  const place = placeBlock(picture, shape, conflict);
  const block = place && (await source.parameters({ tensor: name, ...place }));
  const stored: StoredPictures = { ...picture, block: place };
  if (block) {
    const { lambda, normalize, outDtype } = block;
    stored.settings = { lambda, normalize, outDtype };
  }
  const layout = pictureLayout(stored, models);
  const bytes = new Uint8Array(layout.size);
  const put = (offset: number, array: Tile["kept"] | Uint8Array | Int8Array | Float32Array | Float64Array): void =>
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
  put(layout.merged, whole.merged);
  put(layout.kept, whole.kept);
  put(layout.lost, whole.lost);
  put(layout.elected, whole.elected);
  if (block) {
    put(layout.base, block.base);
    put(layout.taskVectors, block.taskVectors);
    put(layout.thresholds, block.thresholds);
    put(layout.ceilings, block.ceilings);
    put(layout.divisors, block.divisors);
    put(layout.weights, block.weights);
    put(layout.densities, block.densities);
    put(layout.blockMerged, block.merged);
    put(layout.result, block.result);
    put(layout.blockKept, block.kept);
    put(layout.blockLost, block.lost);
    put(layout.blockElected, block.elected);
  }
  return { text: dataElement(`${REPORT_ELEMENT}-${at}`, await compressed(bytes)), stored, at };
}

type WholePicture = Pick<Tile, "kept" | "lost" | "elected" | "merged">;

/** The tiles of the picture's levels, put together. */
async function wholePicture(
  source: ReportSource,
  tensor: string,
  { level, columnLevel, width, height }: StoredPictures,
  models: number,
): Promise<WholePicture> {
  const levels = columnLevel === undefined ? { level } : { level, columnLevel };
  const pixels = width * height;
  const whole: WholePicture = {
    kept: new Uint16Array(2 * models * pixels),
    lost: new Uint16Array(models * pixels),
    elected: new Uint16Array(3 * pixels),
    merged: new Float32Array(pixels),
  };
  for (let row = 0; row * TILE_SIZE < height; row++) {
    for (let column = 0; column * TILE_SIZE < width; column++) {
      const tile = await source.tile({ tensor, ...levels, row, column });
      for (const key of ["kept", "lost", "elected", "merged"] as const) {
        copyPlanes(tile, tile[key], whole[key], { width, height, row: row * TILE_SIZE, column: column * TILE_SIZE });
      }
    }
  }
  return whole;
}

function copyPlanes(
  tile: Tile,
  from: Shares | Float32Array,
  into: Shares | Float32Array,
  at: { width: number; height: number; row: number; column: number },
): void {
  const planes = from.length / Math.max(1, tile.width * tile.height);
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < tile.height; y++) {
      const begin = (plane * tile.height + y) * tile.width;
      into.set(from.subarray(begin, begin + tile.width), (plane * at.height + at.row + y) * at.width + at.column);
    }
  }
}
