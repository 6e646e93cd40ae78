/** What the report's file holds, unpacked when it is asked for. */
import { MergeError } from "../../src/protocol/errors";
import type { InterferenceReport } from "../../src/protocol/report";
import {
  pictureLayout,
  REPORT_ELEMENT,
  STATISTICS_ELEMENT,
  type ReportIndex,
  type StoredPictures,
} from "../../src/protocol/reportFile";
import type { ParameterBlock, ParameterRequest, Tile, TileRequest } from "../../src/protocol/tiles";
import { matrixShape } from "../../src/protocol/tiles";
import { cutBlock } from "./cutBlock";
import { resampleTile } from "./resampleTile";

/** Unpacked pictures of so many tensors are kept: one is looked at at a time. */
const KEPT_TENSORS = 4;

/** The pictures of one tensor, whole; planes as in `Tile`. */
export interface WholePictures extends StoredPictures {
  rows: number;
  columns: number;
  models: number;
  kept: Uint16Array;
  lost: Uint16Array;
  elected: Uint16Array;
  merged: Float32Array;
  parameters: Omit<ParameterBlock, "tensor"> | null;
}

/** What the report needs of a document. */
interface Elements {
  getElementById(id: string): { textContent: string | null } | null;
}

export class ReportData {
  private index: Promise<ReportIndex> | null = null;
  private statistics: Promise<InterferenceReport> | null = null;
  private readonly unpacked = new Map<string, Promise<WholePictures>>();

  constructor(private readonly document: Elements) {}

  read(): Promise<ReportIndex> {
    this.index ??= this.json<ReportIndex>(REPORT_ELEMENT);
    return this.index;
  }

  report(): Promise<InterferenceReport> {
    this.statistics ??= this.json<InterferenceReport>(STATISTICS_ELEMENT);
    return this.statistics;
  }

  /** At any level: at finer ones than that of the file a pixel of the file is drawn as large as what it covers. */
  async tile(request: TileRequest): Promise<Tile> {
    return resampleTile(await this.pictures(request.tensor), request);
  }

  async parameters(request: ParameterRequest): Promise<ParameterBlock> {
    const { parameters } = await this.pictures(request.tensor);
    const block = parameters && cutBlock(parameters, request);
    if (!block) throw new MergeError("parameter-not-in-report", { where: request.tensor });
    return block;
  }

  private async pictures(tensor: string): Promise<WholePictures> {
    const found = this.unpacked.get(tensor);
    if (found) this.unpacked.delete(tensor);
    const pictures = found ?? this.load(tensor);
    this.unpacked.set(tensor, pictures);
    const [oldest] = this.unpacked.keys();
    if (this.unpacked.size > KEPT_TENSORS && oldest !== undefined) this.unpacked.delete(oldest);
    return pictures;
  }

  private async load(tensor: string): Promise<WholePictures> {
    const { inspection, pictures } = await this.read();
    const at = inspection.tensors.findIndex(({ name }) => name === tensor);
    const entry = inspection.tensors[at];
    const stored = pictures[at];
    if (!entry || !stored) throw new MergeError("pictures-not-in-report", { where: tensor });
    const models = inspection.set.models.length;
    const layout = pictureLayout(stored, models);
    const { buffer } = await this.unpack(`${REPORT_ELEMENT}-${at}`);
    const pixels = stored.width * stored.height;
    const { rows, columns } = matrixShape(entry.shape);
    const { block, settings } = stored;
    const cells = block ? block.rows * block.columns : 0;
    return {
      ...stored,
      rows,
      columns,
      models,
      merged: new Float32Array(buffer, layout.merged, pixels),
      kept: new Uint16Array(buffer, layout.kept, 2 * models * pixels),
      lost: new Uint16Array(buffer, layout.lost, models * pixels),
      elected: new Uint16Array(buffer, layout.elected, 3 * pixels),
      parameters:
        !block || !settings
          ? null
          : {
              ...block,
              ...settings,
              models,
              base: new Float64Array(buffer, layout.base, cells),
              taskVectors: new Float64Array(buffer, layout.taskVectors, models * cells),
              thresholds: new Float64Array(buffer, layout.thresholds, models),
              ceilings: new Float64Array(buffer, layout.ceilings, models),
              divisors: new Float64Array(buffer, layout.divisors, models * cells),
              weights: new Float64Array(buffer, layout.weights, models),
              densities: new Float64Array(buffer, layout.densities, models),
              merged: new Float64Array(buffer, layout.blockMerged, cells),
              result: new Float64Array(buffer, layout.result, cells),
              kept: new Uint8Array(buffer, layout.blockKept, models * cells),
              lost: new Uint8Array(buffer, layout.blockLost, models * cells),
              elected: new Int8Array(buffer, layout.blockElected, cells),
            },
    };
  }

  private async json<T>(id: string): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.unpack(id))) as T;
  }

  private async unpack(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const base64 = this.document.getElementById(id)?.textContent;
    if (!base64) throw new MergeError("report-damaged", { where: id });
    try {
      const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch (error) {
      throw new MergeError("report-damaged", { where: id }, { cause: error });
    }
  }
}
