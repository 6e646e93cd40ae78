/**
 * Between the inspector's webview and the extension host. The webview says `hello` with its protocol
 * version; the host answers `welcome` with its own; from then on calls of rpc.ts run from webview to host,
 * and the host may send events. Every inbound message is validated by the guards here.
 */
import type { InspectionPreview, InspectProgress, ShownInspection } from "./engineApi";
import type { MergeSet } from "./mergeSet";
import type { InterferenceReport } from "./report";
import type { ReportPage } from "./reportFile";
import type { SampleDepth, SampledCurves, SampledReport } from "./sample";
import { isInspectorSettings, type InspectorSettings } from "./settings";
import type { CallContext, ClientMessage, ServerMessage } from "./rpc";
import { isClientMessage, isServerMessage } from "./rpc";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  PictureTerms,
  Tile,
  TileProgress,
  TileRequest,
} from "./tiles";
import { MAX_PARAMETER_BLOCK, MAX_TILE_LEVEL } from "./tiles";

export const REPORT_FORMATS = ["json", "csv", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export const PICTURE_FORMATS = ["svg", "png"] as const;
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** The largest picture that is saved, in bytes or characters. */
export const MAX_PICTURE_SIZE = 64 * 2 ** 20;
const MAX_NAME_LENGTH = 200;

export interface PictureFile {
  /** What the file is proposed to be called, without its extension. */
  name: string;
  format: PictureFormat;
  /** The text of an SVG, the bytes of a PNG. */
  content: string | Uint8Array;
}

/** Raised with every change of a message that an older side would misread. */
export const INSPECTOR_PROTOCOL_VERSION = 3;

export interface InspectorApi {
  /** The opened merge set: names and shapes. What its base says of them comes first, as progress. */
  open(params: null, context: CallContext<InspectionPreview>): Promise<ShownInspection>;
  /** Statistics from a sample, for other settings of the opened set (null: as it was opened). */
  sample(params: StatisticsRequest, context: CallContext): Promise<SampledReport>;
  /** Curves from the sample; `layer` null is the whole model. */
  curves(params: CurvesRequest, context: CallContext): Promise<SampledCurves>;
  /** From now on statistics, tiles, parameters, merge and export are those of these settings. */
  use(params: InspectorSettings | null, context: CallContext): Promise<UsedSet>;
  /** Exact statistics; rows arrive as progress while they are computed. */
  statistics(params: null, context: CallContext<InspectProgress>): Promise<InterferenceReport>;
  tile(params: TileRequest & PictureTerms, context: CallContext<TileProgress>): Promise<Tile>;
  parameters(params: ParameterRequest & PictureTerms, context: CallContext): Promise<ParameterBlock>;
  /** Exact counts of magnitudes of one tensor. */
  magnitudes(params: { tensor: string }, context: CallContext): Promise<MagnitudeCounts>;
  /** Starts the merge of this set in the editor; settles when the person has been asked. */
  merge(params: null, context: CallContext): Promise<void>;
  /** Saves the exact report in this format; the person chooses where. */
  exportReport(params: { format: ReportFormat }, context: CallContext): Promise<void>;
  /** Saves a picture that the page has drawn; the person chooses where. */
  savePicture(params: PictureFile, context: CallContext): Promise<void>;
  showLog(params: null, context: CallContext): Promise<void>;
  /** Files of the set that are not what they were when it was opened: what is shown is of their old contents. */
  changedFiles(params: null, context: CallContext): Promise<ChangedFile[]>;
  /** Closes the set, so that `open` reads its files anew; all that was known of it is forgotten. */
  reload(params: null, context: CallContext): Promise<void>;
}

export interface ChangedFile {
  /** Name of the model that it belongs to; null: the base. */
  model: string | null;
  path: string;
  /** Whether it is there no more. */
  gone: boolean;
}

export interface StatisticsRequest extends SampleDepth {
  settings: InspectorSettings | null;
}

export interface CurvesRequest {
  settings: InspectorSettings | null;
  layer: string | null;
}

/** A set whose settings are in use, and which of the opened set's models it has. */
export interface UsedSet {
  set: MergeSet;
  members: number[];
}

export interface HelloMessage {
  kind: "hello";
  version: number;
}
export interface WelcomeMessage {
  kind: "welcome";
  version: number;
  /** BCP 47 tag of the editor's language, and the translations of the webview's strings (key: English). */
  language: string;
  strings: Record<string, string>;
  /** In a report that stands for itself, without an editor: what it holds. */
  report?: ReportPage;
}

export type WebviewMessage = HelloMessage | ClientMessage;
export type HostMessage = WelcomeMessage | ServerMessage;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isCount = (value: unknown, max = Number.MAX_SAFE_INTEGER): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max;

/** Whether what the webview sent is a message at all. */
export function isWebviewMessage(value: unknown): value is WebviewMessage {
  if (isRecord(value) && value.kind === "hello") return isCount(value.version);
  return isClientMessage(value);
}

/** Whether what the host sent is a message at all. */
export function isHostMessage(value: unknown): value is HostMessage {
  if (isRecord(value) && value.kind === "welcome") {
    return (
      isCount(value.version) &&
      typeof value.language === "string" &&
      isRecord(value.strings) &&
      (value.report === undefined || isRecord(value.report))
    );
  }
  return isServerMessage(value);
}

const areTerms = ({ mayEstimate }: Record<string, unknown>): boolean =>
  mayEstimate === undefined || typeof mayEstimate === "boolean";

const isTileRequest = (value: unknown): value is TileRequest & PictureTerms =>
  isRecord(value) &&
  areTerms(value) &&
  typeof value.tensor === "string" &&
  isCount(value.level, MAX_TILE_LEVEL) &&
  (value.columnLevel === undefined || isCount(value.columnLevel, MAX_TILE_LEVEL)) &&
  isCount(value.row) &&
  isCount(value.column) &&
  (value.planes === undefined || value.planes === "models" || value.planes === "merge") &&
  (value.counts === undefined || typeof value.counts === "boolean");

const isParameterRequest = (value: unknown): value is ParameterRequest & PictureTerms =>
  isRecord(value) &&
  areTerms(value) &&
  typeof value.tensor === "string" &&
  isCount(value.row) &&
  isCount(value.column) &&
  isCount(value.rows, MAX_PARAMETER_BLOCK) &&
  isCount(value.columns, MAX_PARAMETER_BLOCK);

const isSettingsOrNull = (value: unknown): value is InspectorSettings | null =>
  value === null || isInspectorSettings(value);

const isStatisticsRequest = (value: unknown): value is StatisticsRequest =>
  isRecord(value) &&
  isSettingsOrNull(value.settings) &&
  typeof value.tensors === "boolean" &&
  typeof value.margins === "boolean";

const isCurvesRequest = (value: unknown): value is CurvesRequest =>
  isRecord(value) && isSettingsOrNull(value.settings) && (value.layer === null || typeof value.layer === "string");

const isTensorRequest = (value: unknown): value is { tensor: string } =>
  isRecord(value) && typeof value.tensor === "string";

const isReportChoice = (value: unknown): value is { format: ReportFormat } =>
  isRecord(value) && REPORT_FORMATS.some((format) => format === value.format);

const isPictureFile = (value: unknown): value is PictureFile =>
  isRecord(value) &&
  typeof value.name === "string" &&
  value.name.length <= MAX_NAME_LENGTH &&
  (value.format === "svg" ? typeof value.content === "string" : value.content instanceof Uint8Array) &&
  PICTURE_FORMATS.some((format) => format === value.format) &&
  (value.content as string | Uint8Array).length <= MAX_PICTURE_SIZE;

const isNothing = (value: unknown): value is null => value === null;

/** The parameters that each method accepts; a call of any other method or shape is refused. */
export const INSPECTOR_PARAMS: Readonly<Record<keyof InspectorApi, (params: unknown) => boolean>> = {
  open: isNothing,
  sample: isStatisticsRequest,
  curves: isCurvesRequest,
  use: isSettingsOrNull,
  statistics: isNothing,
  tile: isTileRequest,
  parameters: isParameterRequest,
  magnitudes: isTensorRequest,
  merge: isNothing,
  exportReport: isReportChoice,
  savePicture: isPictureFile,
  showLog: isNothing,
  changedFiles: isNothing,
  reload: isNothing,
};
