import { describe, expect, it } from "vitest";
import { MAX_HEADER_BYTES, parseSafetensorsHeader } from "../../../src/engine/format/safetensorsHeader";
import type { ErrorCode } from "../../../src/protocol/errorText";
import { expectCode } from "../../fixtures/expectCode";
import { fileWithHeader, MemorySource } from "../../fixtures/memorySource";

const F32 = (shape: unknown, ...data_offsets: unknown[]): object => ({ dtype: "F32", shape, data_offsets });
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const withLength = (length: bigint, rest: Uint8Array = new Uint8Array()): Uint8Array => {
  const file = new Uint8Array(8 + rest.length);
  new DataView(file.buffer).setBigUint64(0, length, true);
  file.set(rest, 8);
  return file;
};
const LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4665a5ea\nsize 8820\n";

/** Each rule with the file that breaks it, and no other rule before it. */
const HOSTILE: [string, ErrorCode, Uint8Array][] = [
  ["an empty file", "header-too-short", new Uint8Array()],
  ["7 bytes", "header-too-short", new Uint8Array(7)],
  ["a length just over the limit", "header-over-limit", withLength(BigInt(MAX_HEADER_BYTES) + 1n)],
  ["the largest length", "header-over-limit", withLength(2n ** 64n - 1n)],
  ["a length beyond the end", "header-beyond-file", withLength(3n, text("{}"))],
  [
    "a header that is cut off, its length like the start of a pickle",
    "header-beyond-file",
    withLength(0x380n, text("{")),
  ],
  ["a git-lfs pointer", "header-git-lfs", text(LFS)],
  ["a web page", "header-web-page", text("<!DOCTYPE html>\n<html><head></head></html>")],
  ["a web page after white space", "header-web-page", text("\n  <html lang=en><body>Access denied</body>")],
  ["a PyTorch zip", "header-pytorch", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0)],
  ["a pickle", "header-pytorch", Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9)],
  ["a GGUF file", "header-other-format", text("GGUF\x03\0\0\0\0\0\0\0")],
  ["no header", "header-not-object", withLength(0n)],
  ["a list", "header-not-object", fileWithHeader("[]")],
  ["white space before the brace", "header-not-object", fileWithHeader(" {}")],
  ["a byte order mark", "header-not-object", fileWithHeader("\ufeff{}")],
  ["a byte that is no UTF-8", "header-not-utf8", withLength(4n, Uint8Array.of(0x7b, 0x22, 0xff, 0x22))],
  ["an open brace", "header-not-json", fileWithHeader("{")],
  ["text after the object", "header-not-json", fileWithHeader("{} {}")],
  ["NUL as padding", "header-not-json", fileWithHeader("{}\0\0")],
  ["a comma at the end", "header-not-json", fileWithHeader('{"__metadata__":{},}')],
  ["half a surrogate pair", "header-not-json", fileWithHeader('{"\\ud800":1}')],
  ["a line break in a name", "header-not-json", fileWithHeader('{"a\nb":1}')],
  ["10 000 levels", "header-not-json", fileWithHeader(`{"a":${"[".repeat(10_000)}`)],
  [
    "the same tensor twice",
    "header-duplicate-key",
    fileWithHeader('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":0}'),
  ],
  ["the same name spelled twice", "header-duplicate-key", fileWithHeader('{"__metadata__":{"a":"1","\\u0061":"2"}}')],
  [
    "a field twice",
    "header-duplicate-key",
    fileWithHeader('{"a":{"dtype":"F32","dtype":"F16","shape":[0],"data_offsets":[0,0]}}'),
  ],
  ["metadata of numbers", "header-bad-metadata", fileWithHeader({ __metadata__: { epoch: 3 } })],
  ["metadata that is text", "header-bad-metadata", fileWithHeader({ __metadata__: "pt" })],
  ["an entry that is a number", "header-bad-entry", fileWithHeader({ a: 3 })],
  ["an entry that is null", "header-bad-entry", fileWithHeader({ a: null })],
  ["no dtype", "header-bad-entry", fileWithHeader({ a: { shape: [], data_offsets: [0, 4] } }, 4)],
  ["no shape", "header-bad-entry", fileWithHeader({ a: { dtype: "F32", data_offsets: [0, 4] } }, 4)],
  ["no offsets", "header-bad-entry", fileWithHeader({ a: { dtype: "F32", shape: [] } }, 4)],
  ["an unknown dtype", "dtype-unknown", fileWithHeader({ a: { dtype: "F31", shape: [], data_offsets: [0, 4] } }, 4)],
  [
    "a dtype that every object has",
    "dtype-unknown",
    fileWithHeader({ a: { dtype: "constructor", shape: [], data_offsets: [0, 4] } }, 4),
  ],
  ["a packed dtype", "dtype-packed", fileWithHeader({ a: { dtype: "F4", shape: [2], data_offsets: [0, 1] } }, 1)],
  ["a negative size", "header-bad-shape", fileWithHeader({ a: F32([-1], 0, 4) }, 4)],
  ["half a size", "header-bad-shape", fileWithHeader({ a: F32([0.5], 0, 2) }, 2)],
  ["a size as text", "header-bad-shape", fileWithHeader({ a: F32(["1"], 0, 4) }, 4)],
  ["a shape that is a number", "header-bad-shape", fileWithHeader({ a: F32(1, 0, 4) }, 4)],
  [
    "a size beyond 2⁵³",
    "header-bad-shape",
    fileWithHeader('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4),
  ],
  ["65 dimensions", "header-bad-shape", fileWithHeader({ a: F32(Array(65).fill(1), 0, 4) }, 4)],
  [
    "a product that wraps 2⁶⁴ to 4",
    "header-shape-overflow",
    fileWithHeader({ a: F32([2 ** 31, 2 ** 31, 4, 1], 0, 4) }, 4),
  ],
  ["a product that only a 0 hides", "header-shape-overflow", fileWithHeader({ a: F32([2 ** 40, 2 ** 40, 0], 0, 0) })],
  ["offsets that are not whole", "header-bad-offsets", fileWithHeader({ a: F32([1], 0.5, 4.5) }, 5)],
  ["a negative offset", "header-bad-offsets", fileWithHeader({ a: F32([1], -4, 0) }, 0)],
  ["one offset", "header-bad-offsets", fileWithHeader({ a: F32([1], 0) }, 4)],
  ["three offsets", "header-bad-offsets", fileWithHeader({ a: F32([1], 0, 4, 8) }, 8)],
  ["offsets as text", "header-bad-offsets", fileWithHeader({ a: F32([1], "0", "4") }, 4)],
  ["offsets reversed", "header-offsets-reversed", fileWithHeader({ a: F32([1], 4, 0) }, 4)],
  ["data beyond the end", "header-offsets-range", fileWithHeader({ a: F32([2], 0, 8) }, 7)],
  ["data too short for its shape", "header-wrong-length", fileWithHeader({ a: F32([2], 0, 4) }, 4)],
  [
    "data too long for its dtype",
    "header-wrong-length",
    fileWithHeader({ a: { dtype: "F16", shape: [2], data_offsets: [0, 8] } }, 8),
  ],
  ["bytes of two tensors", "header-overlap", fileWithHeader({ a: F32([2], 0, 8), b: F32([2], 4, 12) }, 12)],
  ["the same bytes twice", "header-overlap", fileWithHeader({ a: F32([1], 0, 4), b: F32([1], 0, 4) }, 4)],
  ["an empty tensor inside another", "header-overlap", fileWithHeader({ a: F32([2], 0, 8), b: F32([0], 4, 4) }, 8)],
  ["a hole", "header-hole", fileWithHeader({ a: F32([1], 0, 4), b: F32([1], 5, 9) }, 9)],
  ["a hole before the first", "header-hole", fileWithHeader({ a: F32([1], 4, 8) }, 8)],
  ["bytes at the end", "header-trailing-bytes", fileWithHeader({ a: F32([1], 0, 4) }, 5)],
  ["bytes after no tensor", "header-trailing-bytes", fileWithHeader("{}", 1)],
];

describe("parseSafetensorsHeader refuses", () => {
  it.each(HOSTILE)("%s: %s", (_, code, file) => {
    const error = expectCode(code, () => parseSafetensorsHeader(new MemorySource(file)));
    expect(error.details.where).toContain("memory.safetensors");
  });

  it("and names the tensor, without what steers a terminal", () => {
    const name = "layer\u001b[31m\u202e.weight";
    const error = expectCode("header-wrong-length", () =>
      parseSafetensorsHeader(new MemorySource(fileWithHeader({ [name]: F32([2], 0, 4) }, 4))),
    );
    expect(error.details).toEqual({
      where: "memory.safetensors: layer\\u001b[31m\\u202e.weight",
      bytes: 4,
      expected: 8,
    });
  });

  it("and reads no header that is over the limit", () => {
    const source = new MemorySource(withLength(2n ** 40n, new Uint8Array(1000)));
    expectCode("header-over-limit", () => parseSafetensorsHeader(source));
    expect(source.bytesRead).toBeLessThan(100);
  });
});

describe("parseSafetensorsHeader accepts", () => {
  const parse = (file: Uint8Array) => parseSafetensorsHeader(new MemorySource(file));

  it("an empty checkpoint", () => {
    expect(parse(fileWithHeader("{}      "))).toEqual({ tensors: [], metadata: {}, headerBytes: 16 });
  });

  it("scalars, tensors without elements, odd offsets and gaps between keys, in the order of the data", () => {
    const header = ` { "b" : {"shape":[],"dtype":"F32","data_offsets":[1,5]},
      "none":{"dtype":"I64","shape":[3,0],"data_offsets":[1,1]},"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}`;
    const { tensors, headerBytes } = parse(fileWithHeader(header.trimStart(), 5));
    const at = (begin: number, end: number) => ({ begin: headerBytes + begin, end: headerBytes + end });
    expect(tensors).toEqual([
      { name: "a", dtype: "BOOL", shape: [1], ...at(0, 1) },
      { name: "none", dtype: "I64", shape: [3, 0], ...at(1, 1) },
      { name: "b", dtype: "F32", shape: [], ...at(1, 5) },
    ]);
  });

  it("names that mean something to JavaScript", () => {
    const header =
      '{"__metadata__":{"__proto__":"x","toString":"y"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const { tensors, metadata } = parse(fileWithHeader(header, 1));
    expect(tensors.map(({ name }) => name)).toEqual(["__proto__"]);
    expect(Object.entries(metadata)).toEqual([
      ["__proto__", "x"],
      ["toString", "y"],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("names with escapes and beyond the BMP", () => {
    const { tensors } = parse(
      fileWithHeader('{"\\"\\u00e9\\n\\ud83d\\ude00😀":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    );
    expect(tensors[0].name).toBe('"é\n😀😀');
  });

  it("a huge file by reading its header alone, once", () => {
    const gigabytes = 2 ** 36;
    const header = fileWithHeader({ w: { dtype: "U8", shape: [gigabytes], data_offsets: [0, gigabytes] } });
    const source = new MemorySource(header, header.length + gigabytes);
    expect(parseSafetensorsHeader(source).tensors[0].end).toBe(header.length + gigabytes);
    expect(source.bytesRead).toBe(header.length);
    expect(source.highestRead).toBe(header.length);
  });

  it("10 000 tensors in well under 50 ms", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `model.layers.${i}.self_attn.q_proj.weight`);
    const header = Object.fromEntries(names.map((name, i) => [name, F32([1], 4 * i, 4 * i + 4)]));
    const file = fileWithHeader(header, 40_000);
    const times = Array.from({ length: 15 }, () => {
      const begin = process.cpuUsage();
      parse(file);
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / 1000;
    });
    // Of the processor's time, not the clock's: other tests run at the same moment.
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

it("the same header in a file of another length is checked anew", () => {
  const parse = (bytes: number) =>
    parseSafetensorsHeader(new MemorySource(fileWithHeader({ a: F32([2], 0, 8) }, bytes)));
  expect(parse(8)).toEqual(parse(8));
  expectCode("header-offsets-range", () => parse(7));
  expectCode("header-trailing-bytes", () => parse(9));
});
