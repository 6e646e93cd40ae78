import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildSafetensorsIndex,
  checkShards,
  MAX_INDEX_BYTES,
  MAX_SHARDS,
  parseSafetensorsIndex,
  splitIntoShards,
} from "../../../src/engine/format/safetensorsIndex";
import { tensorBytes } from "../../../src/engine/format/tensorEntry";
import type { ErrorCode } from "../../../src/protocol/errorText";
import { expectCode } from "../../fixtures/expectCode";
import { MemorySource } from "../../fixtures/memorySource";

const parse = (text: string) => parseSafetensorsIndex(new MemorySource(new TextEncoder().encode(text)));
const naming = (shard: unknown): string => JSON.stringify({ weight_map: { a: shard } });
const entry = (name: string) => ({ name, dtype: "F32", shape: [], begin: 0, end: 4 });

describe("parseSafetensorsIndex", () => {
  const hostile: [string, ErrorCode, string][] = [
    ["no JSON", "index-not-json", "{"],
    ["a list", "index-no-weight-map", "[]"],
    ["no weight_map", "index-no-weight-map", "{}"],
    ["a weight_map that is a list", "index-no-weight-map", '{"weight_map":[]}'],
    ["a weight_map that is empty", "index-no-weight-map", '{"weight_map":{}}'],
    ["a file name that is a number", "index-no-weight-map", naming(3)],
    ["a tensor twice", "index-duplicate-key", '{"weight_map":{"a":"m.safetensors","a":"n.safetensors"}}'],
    ["a way out of the folder", "index-bad-shard-name", naming("../m.safetensors")],
    ["a way out of the folder on Windows", "index-bad-shard-name", naming("..\\m.safetensors")],
    ["an absolute name", "index-bad-shard-name", naming("/etc/m.safetensors")],
    ["a drive", "index-bad-shard-name", naming("C:m.safetensors")],
    ["a sub-folder", "index-bad-shard-name", naming("sub/m.safetensors")],
    ["a NUL", "index-bad-shard-name", naming("m\0.safetensors")],
    ["a hidden file", "index-bad-shard-name", naming(".safetensors")],
    ["dots alone", "index-bad-shard-name", naming("..")],
    ["no name", "index-bad-shard-name", naming("")],
    ["another format", "index-bad-shard-name", naming("pytorch_model.bin")],
  ];
  it.each(hostile)("refuses %s: %s", (_, code, text) => {
    expectCode(code, () => parse(text));
  });

  it("refuses bytes that are no UTF-8, an index over the limit, and too many shards", () => {
    expectCode("index-not-json", () => parseSafetensorsIndex(new MemorySource(Uint8Array.of(0xff))));
    expectCode("index-too-large", () => parseSafetensorsIndex(new MemorySource(new Uint8Array(), MAX_INDEX_BYTES + 1)));
    const map = Object.fromEntries(Array.from({ length: MAX_SHARDS + 1 }, (_, i) => [`t${i}`, `${i}.safetensors`]));
    expectCode("index-too-many-shards", () => parse(JSON.stringify({ weight_map: map })));
  });

  it("gives the shards once, sorted, and takes any tensor name", () => {
    const text =
      '{"metadata":{"total_size":8},"weight_map":{"__proto__":"b.safetensors","x":"a.safetensors","y":"b.safetensors"}}';
    const { weightMap, shards } = parse(text);
    expect(shards).toEqual(["a.safetensors", "b.safetensors"]);
    expect(weightMap.get("__proto__")).toBe("b.safetensors");
  });
});

describe("checkShards", () => {
  const index = parse(JSON.stringify({ weight_map: { a: "1.safetensors", b: "2.safetensors" } }));
  const check = (first: string[], second: string[]): void =>
    checkShards(
      "index",
      index,
      new Map([
        ["1.safetensors", first.map(entry)],
        ["2.safetensors", second.map(entry)],
      ]),
    );

  it("accepts shards that hold what the index says", () => expect(() => check(["a"], ["b"])).not.toThrow());
  it("refuses a tensor that is not in its shard", () =>
    expectCode("index-tensor-missing", () => check(["a"], [])).details);
  it("refuses a tensor in another shard than the index says", () => {
    expectCode("index-tensor-missing", () => check(["a", "b"], []));
  });
  it("refuses a tensor that the index does not list", () => {
    expect(expectCode("index-tensor-unlisted", () => check(["a"], ["b", "c"])).details.where).toBe("index: c");
  });
  it("refuses a tensor in two shards", () =>
    expect(expectCode("index-tensor-twice", () => check(["a", "b"], ["b"])).details.first).toBe("1.safetensors"));
});

describe("splitIntoShards", () => {
  const tensors = fc
    .array(fc.nat(20), { maxLength: 30 })
    .map((sizes) => sizes.map((size, i) => ({ name: `t${i}`, dtype: "F32", shape: [size] })));

  it("keeps the order, fills no shard beyond its size unless one tensor does, and wastes none", () => {
    fc.assert(
      fc.property(tensors, fc.integer({ min: 1, max: 200 }), (list, size) => {
        const shards = splitIntoShards(list, size);
        expect(shards.flatMap((shard) => shard.tensors)).toEqual(list);
        for (const [i, shard] of shards.entries()) {
          expect(shard.bytes).toBe(shard.tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0));
          if (shard.tensors.length > 1) expect(shard.bytes).toBeLessThanOrEqual(size);
          if (i > 0) expect(shards[i - 1].bytes + tensorBytes(shard.tensors[0])).toBeGreaterThan(size);
        }
      }),
    );
  });

  it("names the shards as the Hub does", () => {
    const two = [
      { name: "a", dtype: "F32", shape: [2] },
      { name: "b", dtype: "F32", shape: [2] },
    ];
    expect(splitIntoShards(two, 16).map(({ file }) => file)).toEqual(["model.safetensors"]);
    expect(splitIntoShards([], 16).map(({ file }) => file)).toEqual(["model.safetensors"]);
    expect(splitIntoShards(two, 8).map(({ file }) => file)).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
    ]);
  });

  it("refuses more shards than could be read again", () => {
    const many = Array.from({ length: MAX_SHARDS + 1 }, (_, i) => ({ name: `${i}`, dtype: "U8", shape: [1] }));
    expectCode("index-too-many-shards", () => splitIntoShards(many, 1));
  });
});

describe("buildSafetensorsIndex", () => {
  it("is read again, sorted by name, with the bytes of all tensors", () => {
    const names = ["b", "10", "9", "__proto__", "a\n"];
    const shards = splitIntoShards(
      names.map((name) => ({ name, dtype: "F16", shape: [3] })),
      12,
    );
    const bytes = buildSafetensorsIndex(shards);
    const index = parseSafetensorsIndex(new MemorySource(bytes));
    expect(new Set(index.weightMap.keys())).toEqual(new Set(names));
    expect(
      [...new TextDecoder().decode(bytes).matchAll(/"(10|9|__proto__|a\\n|b)":/g)].map(([, name]) => name),
    ).toEqual(["10", "9", "__proto__", "a\\n", "b"]);
    expect(index.shards).toEqual(shards.map(({ file }) => file));
    const json = JSON.parse(new TextDecoder().decode(bytes)) as { metadata: unknown };
    expect(json.metadata).toEqual({ total_size: 30 });
    expect(JSON.parse(new TextDecoder().decode(buildSafetensorsIndex(splitIntoShards([], 1))))).toEqual({
      metadata: { total_size: 0 },
      weight_map: {},
    });
  });
});
