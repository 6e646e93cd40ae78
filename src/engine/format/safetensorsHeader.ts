/**
 * The header of a safetensors file: 8 bytes of length (little-endian), that many bytes of JSON, then the data.
 * A file from elsewhere is hostile until read: every rule is checked, each has its own error, and nothing beyond
 * the header is read. After that, offsets may be trusted.
 */
import type { ErrorDetails } from "../../protocol/errors";
import { MergeError } from "../../protocol/errors";
import type { ErrorCode } from "../../protocol/errorText";
import type { ByteSource } from "../io";
import { dtypeBytes, isPacked } from "./dtypes";
import { refuseOtherFormats } from "./otherFormats";
import { isJsonObject, JsonError, parseStrictJson } from "./strictJson";
import type { JsonObject, JsonValue } from "./strictJson";
import { printableName } from "./tensorEntry";
import type { TensorEntry } from "./tensorEntry";

/** The limit of the reference implementation; about a million tensors. A header is held in memory whole. */
export const MAX_HEADER_BYTES = 100_000_000;
/** As many as NumPy has; no weight has more than 5. */
export const MAX_DIMENSIONS = 64;
/** Bytes of the header's length, before the header. */
export const LENGTH_BYTES = 8;

export interface SafetensorsHeader {
  /** In the order of their data in the file, without hole or overlap. */
  tensors: TensorEntry[];
  /** Without a prototype: any key is harmless. */
  metadata: Record<string, string>;
  /** Where the data begins: length, header and padding. */
  headerBytes: number;
}

/** Reads and checks the header; of equal headers of equally large files one object. Throws a MergeError whose code is the rule that is broken (`header-*`, `dtype-*`). */
export function parseSafetensorsHeader(source: ByteSource): SafetensorsHeader {
  const text = readHeaderText(source);
  // Fine-tunes of one base have the same header, more often than not, and one for each of their shards.
  const known = remembered.find((other) => other.text === text.text && other.size === source.size);
  if (known) return known.header;
  const header = parse(source, text);
  remember({ ...text, size: source.size, header });
  return header;
}

interface Remembered {
  text: string;
  bytes: number;
  size: number;
  header: SafetensorsHeader;
}

/** Of ten thousand tensors a header has one million. */
const REMEMBERED_BYTES = 1 << 23;
const MOST_REMEMBERED = 64;
/** What was parsed last, which nobody changes; the oldest first. */
let remembered: Remembered[] = [];

function remember(header: Remembered): void {
  if (header.bytes > REMEMBERED_BYTES) return;
  let room = REMEMBERED_BYTES - header.bytes;
  const kept = remembered.slice(1 - MOST_REMEMBERED).reverse();
  const left = kept.findIndex(({ bytes }) => (room -= bytes) < 0);
  remembered = [...(left < 0 ? kept : kept.slice(0, left)).reverse(), header];
}

/** A header whose file ends before its data does. */
export interface CutOffHeader extends SafetensorsHeader {
  /** Those that lie whole in the file. */
  tensors: TensorEntry[];
  /** Names of those that reach behind its end. */
  lost: string[];
  missingBytes: number;
}

/** Of a file that was cut off in its data; null where it was not. Throws as `parseSafetensorsHeader` for all else. */
export function parseCutOffHeader(source: ByteSource): CutOffHeader | null {
  const header = parse(source, readHeaderText(source), Infinity);
  const missingBytes = (header.tensors.at(-1)?.end ?? header.headerBytes) - source.size;
  if (missingBytes <= 0) return null;
  const tensors = header.tensors.filter(({ end }) => end <= source.size);
  const lost = header.tensors.filter(({ end }) => end > source.size).map(({ name }) => name);
  return { ...header, tensors, lost, missingBytes };
}

/** @param size of the file; infinite: wherever its tensors end. */
function parse(source: ByteSource, text: { text: string; bytes: number }, size = source.size): SafetensorsHeader {
  const headerBytes = LENGTH_BYTES + text.bytes;
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  const tensors: TensorEntry[] = [];
  const members = parseHeaderJson(source, text.text);
  for (const name of Object.keys(members)) {
    if (name === "__metadata__") readMetadata(source, members[name], metadata);
    else tensors.push(readEntry(source, name, members[name], { headerBytes, dataBytes: size - headerBytes }));
  }
  // Tensors without elements share their offset with a neighbour and come before it.
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const covered = checkCoverage(source, tensors, headerBytes);
  if (size > covered && size !== Infinity) {
    throw new MergeError("header-trailing-bytes", { where: source.name, bytes: size - covered });
  }
  return { tensors, metadata, headerBytes };
}

function readHeaderText(source: ByteSource): { text: string; bytes: number } {
  const where = source.name;
  if (source.size < LENGTH_BYTES) throw new MergeError("header-too-short", { where, size: source.size });
  const lengthBytes = new Uint8Array(LENGTH_BYTES);
  source.read(0, lengthBytes);
  const length = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  const available = source.size - LENGTH_BYTES;
  if (length > MAX_HEADER_BYTES) {
    refuseOtherFormats(source);
    throw new MergeError("header-over-limit", { where, length: String(length), limit: MAX_HEADER_BYTES });
  }
  if (length > available) {
    refuseOtherFormats(source);
    throw new MergeError("header-beyond-file", { where, length: String(length), available });
  }
  const bytes = new Uint8Array(Number(length));
  source.read(LENGTH_BYTES, bytes);
  if (bytes[0] !== "{".charCodeAt(0)) {
    refuseOtherFormats(source);
    throw new MergeError("header-not-object", { where });
  }
  return { text: decodeUtf8(source, bytes), bytes: bytes.length };
}

function decodeUtf8(source: ByteSource, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new MergeError("header-not-utf8", { where: source.name }, { cause });
  }
}

function parseHeaderJson(source: ByteSource, text: string): JsonObject {
  const where = source.name;
  try {
    // The text begins with a brace, so what parses is an object.
    return parseStrictJson(text) as JsonObject;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (error.kind === "syntax") throw new MergeError("header-not-json", { where, message: error.detail });
    throw new MergeError("header-duplicate-key", { where, key: printableName(error.detail) });
  }
}

function readMetadata(source: ByteSource, value: JsonValue, metadata: Record<string, string>): void {
  const refuse = (): never => {
    throw new MergeError("header-bad-metadata", { where: source.name });
  };
  if (!isJsonObject(value)) return refuse();
  for (const [key, text] of Object.entries(value)) metadata[key] = typeof text === "string" ? text : refuse();
}

function readEntry(
  source: ByteSource,
  name: string,
  value: JsonValue,
  { headerBytes, dataBytes }: { headerBytes: number; dataBytes: number },
): TensorEntry {
  // The place is put into words only when it is needed: a header may have a hundred thousand tensors.
  const refuse: Refuse = (code, details) => {
    throw new MergeError(code, { where: tensorWhere(source, name), ...details });
  };
  if (!isJsonObject(value)) return refuse("header-bad-entry");
  // What JSON.parse makes has no such members but its own.
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || shape === undefined || offsets === undefined) return refuse("header-bad-entry");
  const elementBytes = readDtype(refuse, dtype);
  const sizes = readShape(refuse, shape);
  const [begin, end] = readOffsets(refuse, offsets);
  if (begin > end) return refuse("header-offsets-reversed", { begin, end });
  if (end > dataBytes) return refuse("header-offsets-range", { end, size: dataBytes });
  const expected = countBytes(refuse, sizes, elementBytes);
  if (end - begin !== expected) return refuse("header-wrong-length", { bytes: end - begin, expected });
  return { name, dtype, shape: sizes, begin: headerBytes + begin, end: headerBytes + end };
}

type Refuse = (code: ErrorCode, details?: ErrorDetails) => never;

const tensorWhere = (source: ByteSource, name: string): string => `${source.name}: ${printableName(name)}`;

function readDtype(refuse: Refuse, dtype: string): number {
  const bytes = dtypeBytes(dtype);
  return bytes ?? refuse(isPacked(dtype) ? "dtype-packed" : "dtype-unknown", { dtype: printableName(dtype) });
}

const isWhole = (value: JsonValue): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readShape(refuse: Refuse, shape: JsonValue): number[] {
  if (Array.isArray(shape) && shape.length <= MAX_DIMENSIONS && shape.every(isWhole)) return shape;
  return refuse("header-bad-shape", { limit: MAX_DIMENSIONS });
}

function readOffsets(refuse: Refuse, offsets: JsonValue): [number, number] {
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isWhole)) return refuse("header-bad-offsets");
  return [offsets[0], offsets[1]];
}

/** Shape × dtype. Sizes other than 0 must multiply exactly even where a 0 makes the product 0: views are cut by them. */
function countBytes(refuse: Refuse, shape: readonly number[], elementBytes: number): number {
  let bytes = elementBytes;
  for (const size of shape) {
    if (size > 0) bytes *= size;
    if (!Number.isSafeInteger(bytes)) return refuse("header-shape-overflow");
  }
  return shape.includes(0) ? 0 : bytes;
}

/** Every byte from the header to the last tensor's end, which is returned, belongs to exactly one tensor. */
function checkCoverage(source: ByteSource, tensors: readonly TensorEntry[], headerBytes: number): number {
  let covered = headerBytes;
  let previous = "";
  for (const { name, begin, end } of tensors) {
    if (begin < covered) {
      throw new MergeError("header-overlap", { where: tensorWhere(source, name), other: printableName(previous) });
    }
    if (begin > covered) {
      throw new MergeError("header-hole", { where: tensorWhere(source, name), bytes: begin - covered });
    }
    covered = end;
    previous = name;
  }
  return covered;
}
