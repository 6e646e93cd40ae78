/**
 * The directory of a zip file: which entries it has and where their bytes lie. PyTorch stores entries as they are, so
 * a tensor is a range of the file; its 64-bit form is read too. (The format: PKWARE's APPNOTE, 4.3.)
 */
import { MergeError } from "../../../protocol/errors";
import type { ByteSource } from "../../io";
import { printableName } from "../tensorEntry";

export interface ZipEntry {
  name: string;
  /** Bytes of its content. */
  size: number;
  /** 0: stored as it is. */
  method: number;
  encrypted: boolean;
  /** Position of its local header. */
  header: number;
}

/** The directory is held in memory whole, as a safetensors header is. */
const MAX_DIRECTORY_BYTES = 100_000_000;
/** Far more tensors than any checkpoint has. */
const MAX_ENTRIES = 1_000_000;

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const END_SIGNATURE = 0x0605_4b50;
const LOCATOR_BYTES = 20;
const LOCATOR_SIGNATURE = 0x0706_4b50;
const WIDE_END_BYTES = 56;
const WIDE_END_SIGNATURE = 0x0606_4b50;
const DIRECTORY_ENTRY_BYTES = 46;
const DIRECTORY_ENTRY_SIGNATURE = 0x0201_4b50;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x0403_4b50;
/** Extra field with the values that do not fit 32 bits. */
const WIDE_FIELD = 1;
const ENCRYPTED_FLAG = 1;

interface DirectoryPlace {
  begin: number;
  bytes: number;
  entries: number;
}

/** All entries by name. Throws `pytorch-damaged`. */
export function readZipDirectory(source: ByteSource): Map<string, ZipEntry> {
  const place = findDirectory(source);
  if (place.bytes > MAX_DIRECTORY_BYTES || place.entries > MAX_ENTRIES)
    damaged(source, "its zip directory is too large");
  if (place.begin + place.bytes > source.size) damaged(source, "its zip directory lies outside of the file");
  const bytes = readBytes(source, place.begin, place.bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < place.entries; i++) {
    const view = viewOf(source, bytes, at, DIRECTORY_ENTRY_BYTES, DIRECTORY_ENTRY_SIGNATURE);
    const nameEnd = at + DIRECTORY_ENTRY_BYTES + view.getUint16(28, true);
    const extraEnd = nameEnd + view.getUint16(30, true);
    if (extraEnd > bytes.length) damaged(source, "its zip directory ends too early");
    const name = textOf(source, bytes.subarray(at + DIRECTORY_ENTRY_BYTES, nameEnd));
    if (entries.has(name)) damaged(source, `it has the entry ${printableName(name)} twice`);
    entries.set(name, { name, ...readEntry(source, view, bytes.subarray(nameEnd, extraEnd)) });
    at = extraEnd + view.getUint16(32, true);
  }
  return entries;
}

/** The range of an entry's content. Throws `pytorch-compressed`, `pytorch-damaged`. */
export function locateEntry(source: ByteSource, entry: ZipEntry): { begin: number; end: number } {
  const { name, size, method, encrypted, header } = entry;
  if (method !== 0 || encrypted) {
    throw new MergeError("pytorch-compressed", { where: source.name, entry: printableName(name) });
  }
  if (header + LOCAL_HEADER_BYTES > source.size) damaged(source, "an entry of the zip lies outside of the file");
  const bytes = readBytes(source, header, LOCAL_HEADER_BYTES);
  const view = viewOf(source, bytes, 0, LOCAL_HEADER_BYTES, LOCAL_HEADER_SIGNATURE);
  const begin = header + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (begin + size > source.size) damaged(source, `the entry ${printableName(name)} goes beyond the end of the file`);
  return { begin, end: begin + size };
}

/** The record at the end of the file, behind which only a comment stands. */
function findDirectory(source: ByteSource): DirectoryPlace {
  const tailBytes = Math.min(source.size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = readBytes(source, source.size - tailBytes, tailBytes);
  const view = new DataView(tail.buffer);
  for (let at = tailBytes - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== tailBytes) continue;
    const entries = view.getUint16(at + 10, true);
    const bytes = view.getUint32(at + 12, true);
    const begin = view.getUint32(at + 16, true);
    const position = source.size - tailBytes + at;
    return findWideDirectory(source, position) ?? { begin, bytes, entries };
  }
  return damaged(source, "it is cut off: the zip directory at its end is missing");
}

/** The 64-bit record, where its locator stands right before the other. */
function findWideDirectory(source: ByteSource, end: number): DirectoryPlace | undefined {
  const locatorBegin = end - LOCATOR_BYTES;
  if (locatorBegin < 0) return undefined;
  const locator = new DataView(readBytes(source, locatorBegin, LOCATOR_BYTES).buffer);
  if (locator.getUint32(0, true) !== LOCATOR_SIGNATURE) return undefined;
  const position = wide(source, locator, 8);
  if (position + WIDE_END_BYTES > locatorBegin) damaged(source, "its 64-bit zip directory lies outside of the file");
  const view = viewOf(source, readBytes(source, position, WIDE_END_BYTES), 0, WIDE_END_BYTES, WIDE_END_SIGNATURE);
  return { entries: wide(source, view, 32), bytes: wide(source, view, 40), begin: wide(source, view, 48) };
}

function readEntry(source: ByteSource, view: DataView, extra: Uint8Array): Omit<ZipEntry, "name"> {
  const fields = { size: view.getUint32(24, true), stored: view.getUint32(20, true), header: view.getUint32(42, true) };
  const tooLarge = (["size", "stored", "header"] as const).filter((field) => fields[field] === 0xffff_ffff);
  if (tooLarge.length > 0) {
    const field = wideField(source, extra);
    if (field.byteLength < 8 * tooLarge.length) damaged(source, "a zip entry lacks its 64-bit size");
    tooLarge.forEach((name, i) => (fields[name] = wide(source, field, 8 * i)));
  }
  const method = view.getUint16(10, true);
  if (method === 0 && fields.stored !== fields.size) damaged(source, "a zip entry has two sizes");
  const encrypted = (view.getUint16(8, true) & ENCRYPTED_FLAG) !== 0;
  return { size: fields.size, method, encrypted, header: fields.header };
}

function wideField(source: ByteSource, extra: Uint8Array): DataView {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, bytes] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === WIDE_FIELD && at + 4 + bytes <= extra.length) {
      return new DataView(extra.buffer, extra.byteOffset + at + 4, bytes);
    }
    at += 4 + bytes;
  }
  return damaged(source, "a zip entry lacks its 64-bit size");
}

function wide(source: ByteSource, view: DataView, offset: number): number {
  const value = Number(view.getBigUint64(offset, true));
  // Sums of two positions must stay exact.
  return value <= Number.MAX_SAFE_INTEGER / 2
    ? value
    : damaged(source, "a position in the zip is larger than any file");
}

function viewOf(source: ByteSource, bytes: Uint8Array, at: number, length: number, signature: number): DataView {
  if (at + length > bytes.length) damaged(source, "its zip directory ends too early");
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  if (view.getUint32(0, true) !== signature) damaged(source, "a zip entry is not where it should be");
  return view;
}

function textOf(source: ByteSource, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return damaged(source, "a name in the zip is not UTF-8");
  }
}

function readBytes(source: ByteSource, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  source.read(offset, bytes);
  return bytes;
}

function damaged(source: ByteSource, message: string): never {
  throw new MergeError("pytorch-damaged", { where: source.name, message });
}
