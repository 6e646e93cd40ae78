import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dtypeBytes } from "../../../src/engine/format/dtypes";
import { parseSafetensorsHeader } from "../../../src/engine/format/safetensorsHeader";
import { layoutSafetensors } from "../../../src/engine/format/safetensorsLayout";
import { compareNames } from "../../../src/engine/format/tensorEntry";
import { expectCode } from "../../fixtures/expectCode";
import { MemorySource } from "../../fixtures/memorySource";

const name = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("__proto__", "constructor", "0", "10", "9", "toString", 'a"\\\n', "\uffff", "😀"),
);
const dtype = fc.constantFrom(
  "F64",
  "F32",
  "F16",
  "BF16",
  "F8_E4M3",
  "F8_E5M2",
  "I64",
  "I32",
  "I16",
  "I8",
  "U64",
  "U8",
  "BOOL",
);
const shape = fc.array(fc.nat(5), { maxLength: 4 });
const specs = fc.uniqueArray(fc.record({ name, dtype, shape }), { selector: (spec) => spec.name, maxLength: 12 });
const metadata = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), { maxKeys: 4 });

describe("layoutSafetensors", () => {
  it("writes what the reader reads, aligned and without waste", () => {
    fc.assert(
      fc.property(specs, metadata, (tensors, meta) => {
        const { header, entries, size } = layoutSafetensors(tensors, meta);
        const read = parseSafetensorsHeader(new MemorySource(header, size));
        expect(read.headerBytes).toBe(header.length);
        expect(header.length % 8).toBe(0);
        const byName = (a: { name: string }, b: { name: string }): number => compareNames(a.name, b.name);
        expect([...read.tensors].sort(byName)).toEqual([...entries].sort(byName));
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(meta).sort());
        for (const entry of entries) expect(entry.begin % (dtypeBytes(entry.dtype) ?? NaN)).toBe(0);
        expect(
          entries.map(({ name: n, dtype: d, shape: s }) => ({ name: n, dtype: d, shape: s })).sort(byName),
        ).toEqual([...tensors].sort(byName));
      }),
    );
  });

  it("does not depend on the order of the tensors", () => {
    fc.assert(
      fc.property(specs, (tensors) => {
        expect(layoutSafetensors([...tensors].reverse())).toEqual(layoutSafetensors(tensors));
      }),
    );
  });

  it("writes the bytes of the reference implementation", () => {
    const { header, size } = layoutSafetensors(
      [
        { name: "b", dtype: "BF16", shape: [2, 2] },
        { name: "mask", dtype: "BOOL", shape: [3] },
        { name: "10", dtype: "F32", shape: [1] },
        { name: "9", dtype: "F32", shape: [] },
        { name: "step", dtype: "I64", shape: [] },
        { name: "a", dtype: "F16", shape: [0] },
      ],
      { format: "pt" },
    );
    const json =
      '{"__metadata__":{"format":"pt"},"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"10":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"9":{"dtype":"F32","shape":[],"data_offsets":[12,16]},' +
      '"b":{"dtype":"BF16","shape":[2,2],"data_offsets":[16,24]},"a":{"dtype":"F16","shape":[0],"data_offsets":[24,24]},' +
      '"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[24,27]}}';
    const text = new TextDecoder().decode(header.subarray(8));
    expect(text.trimEnd()).toBe(json);
    expect(text.length - json.length).toBe((8 - (json.length % 8)) % 8);
    expect(Number(new DataView(header.buffer).getBigUint64(0, true))).toBe(text.length);
    expect(size).toBe(header.length + 27);
  });

  it("refuses what no reader would take", () => {
    const tensor = { name: "a", dtype: "F32", shape: [1] };
    expectCode("header-duplicate-key", () => layoutSafetensors([tensor, tensor]));
    expectCode("header-duplicate-key", () => layoutSafetensors([{ ...tensor, name: "__metadata__" }]));
    expectCode("dtype-unknown", () => layoutSafetensors([{ ...tensor, dtype: "F4" }]));
    expectCode("header-over-limit", () => layoutSafetensors([], { long: "x".repeat(100_000_000) }));
  });
});
