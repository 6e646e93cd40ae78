/** The inspector opens on sets that are damaged or do not fit, says what is missing where, and counts the rest. */
import { rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { unpackTensors } from "../../src/protocol/tensorTable";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import {
  safetensorsBytes,
  writeSafetensors,
  writeShardedFolder,
  type FixtureTensors,
} from "../fixtures/writeCheckpoint";

const root = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const NAMES = ["layers.0.a", "layers.0.b", "layers.1.a", "layers.1.b"];
const tensors = (seed: number, names = NAMES): FixtureTensors =>
  Object.fromEntries(
    names.map((name, at) => [
      name,
      { dtype: "F32", shape: [4, 8], values: Array.from({ length: 32 }, (_, i) => Math.sin(seed * 100 + at * 40 + i)) },
    ]),
  );

let made = 0;
/** A set of a base and three models, each a folder of two shards, before anything happens to it. */
function healthy(): { set: MergeSet; folder: (name: string) => string } {
  const at = join(root, `set${made++}`);
  const folder = (name: string): string => join(at, name);
  ["base", "math", "code", "chat"].forEach((name, seed) => writeShardedFolder(folder(name), tensors(seed), 260));
  const models = ["math", "code", "chat"].map((name) => ({ path: folder(name) }));
  return { set: createMergeSet({ base: folder("base"), models }), folder };
}

const openPartly = (set: MergeSet) => engine.openInspection({ set, partly: true }, quietContext);
const names = (list: { name: string }[] = []): string[] => list.map(({ name }) => name);

it("opens a whole set as it always does", async () => {
  const { set } = healthy();
  const opened = await openPartly(set);
  expect(opened).not.toHaveProperty("brokenModels");
  expect(opened).not.toHaveProperty("brokenTensors");
  expect(names(unpackTensors(opened.tensors))).toEqual(NAMES);
});

describe("a shard that is missing", () => {
  it("takes its tensors, and no others; the rest is counted as if they were excluded", async () => {
    const { set, folder } = healthy();
    rmSync(join(folder("code"), "model-00002-of-00002.safetensors"));
    await expect(engine.openInspection({ set }, quietContext)).rejects.toMatchObject({ code: "index-shard-missing" });
    const opened = await openPartly(set);
    expect(names(opened.set.models)).toEqual(["math", "code", "chat"]);
    expect(names(unpackTensors(opened.tensors))).toEqual(["layers.0.a", "layers.0.b"]);
    expect(
      opened.brokenTensors?.map(({ name, group, broken }) => [name, group, broken?.map(({ code }) => code)]),
    ).toEqual([
      ["layers.1.a", "layers.1", ["index-shard-missing"]],
      ["layers.1.b", "layers.1", ["index-shard-missing"]],
    ]);
    expect(opened.brokenModels).toMatchObject([
      { model: "code", leftOut: false, error: { code: "index-shard-missing" } },
    ]);
    const report = await engine.inspectionReport({ id: opened.id }, quietContext);
    const whole = healthy();
    const { totals } = await engine.inspect({ set: { ...whole.set, exclude: ["layers.1.*"] } }, quietContext);
    expect(report.totals).toEqual(totals);
  });

  it("in the base, too", async () => {
    const { set, folder } = healthy();
    rmSync(join(folder("base"), "model-00001-of-00002.safetensors"));
    const opened = await openPartly(set);
    expect(names(unpackTensors(opened.tensors))).toEqual(["layers.1.a", "layers.1.b"]);
    expect(opened.brokenTensors).toMatchObject([
      { name: "layers.0.a", shape: [4, 8], broken: [{ code: "index-shard-missing" }] },
      { name: "layers.0.b" },
    ]);
    expect(opened.brokenModels).toMatchObject([{ model: null }]);
  });

  it("and one that is damaged", async () => {
    const { set, folder } = healthy();
    writeFileSync(join(folder("chat"), "model-00001-of-00002.safetensors"), "no header");
    const opened = await openPartly(set);
    expect(names(unpackTensors(opened.tensors))).toEqual(["layers.1.a", "layers.1.b"]);
    expect(opened.brokenModels).toHaveLength(1);
  });
});

describe("a file that is cut off", () => {
  /** A set whose `code` is one file, of which `bytes` are missing. */
  function withCut(bytes: number): { set: MergeSet; file: string } {
    const { set, folder } = healthy();
    rmSync(folder("code"), { recursive: true });
    const file = join(folder("code"), "model.safetensors");
    writeSafetensors(file, tensors(2));
    truncateSync(file, statSync(file).size - bytes);
    return { set, file };
  }

  it("lacks the tensors that lie behind its end; those that are whole are counted", async () => {
    const { set, file } = withCut(130);
    const opened = await openPartly(set);
    expect(names(opened.set.models)).toEqual(["math", "code", "chat"]);
    expect(names(unpackTensors(opened.tensors))).toEqual(["layers.0.a", "layers.0.b"]);
    const error = {
      code: "file-cut-off",
      details: { where: file, missing: "130 (130 B)", lost: "2", tensors: "4" },
    };
    expect(opened.brokenModels).toEqual([{ model: "code", path: set.models[1].path, error, leftOut: false }]);
    expect(opened.brokenTensors).toMatchObject([
      { name: "layers.1.a", shape: [4, 8], broken: [error] },
      { name: "layers.1.b", broken: [error] },
    ]);
    const report = await engine.inspectionReport({ id: opened.id }, quietContext);
    const whole = healthy();
    const { totals } = await engine.inspect({ set: { ...whole.set, exclude: ["layers.1.*"] } }, quietContext);
    expect(report.totals).toEqual(totals);
  });

  it("is refused by everything that does not open in part", async () => {
    const { set, file } = withCut(1);
    const refused = { code: "header-offsets-range" };
    await expect(engine.openInspection({ set }, quietContext)).rejects.toMatchObject(refused);
    await expect(engine.inspect({ set }, quietContext)).rejects.toMatchObject(refused);
    await expect(engine.info({ path: file }, quietContext)).rejects.toMatchObject(refused);
    const output = bareOutput(join(root, "cut.safetensors"));
    await expect(engine.plan({ set, output }, quietContext)).rejects.toMatchObject(refused);
  });

  it("is left out where no tensor is whole", async () => {
    const { set } = withCut(4 * 128 - 4);
    const opened = await openPartly(set);
    expect(names(opened.set.models)).toEqual(["math", "chat"]);
    expect(opened.places).toEqual([0, 2]);
    expect(opened.brokenModels).toMatchObject([{ model: "code", leftOut: true, error: { code: "file-cut-off" } }]);
  });

  it("may be a shard, also of the base", async () => {
    const { set, folder } = healthy();
    const shard = join(folder("base"), "model-00001-of-00002.safetensors");
    truncateSync(shard, statSync(shard).size - 1);
    const opened = await openPartly(set);
    expect(names(unpackTensors(opened.tensors))).toEqual(["layers.0.a", "layers.1.a", "layers.1.b"]);
    expect(opened.brokenTensors).toMatchObject([{ name: "layers.0.b", broken: [{ code: "file-cut-off" }] }]);
    expect(opened.brokenModels).toMatchObject([{ model: null, leftOut: false, error: { details: { where: shard } } }]);
  });

  it("is not opened in part when its header is wrong, too", async () => {
    const { set, file } = withCut(4);
    const bytes = safetensorsBytes(tensors(2));
    const text = Buffer.from(bytes).toString("latin1").replace('"data_offsets":[0,128]', '"data_offsets":[1,129]');
    writeFileSync(file, Buffer.from(text, "latin1").subarray(0, -4));
    const opened = await openPartly(set);
    expect(opened.brokenModels).toMatchObject([{ model: "code", leftOut: true, error: { code: "header-hole" } }]);
  });
});

describe("a model that cannot be opened", () => {
  it("is left out and named; merging is refused with the reason", async () => {
    const { set, folder } = healthy();
    rmSync(folder("math"), { recursive: true });
    const opened = await openPartly(set);
    expect(names(opened.set.models)).toEqual(["code", "chat"]);
    expect(opened.brokenModels).toMatchObject([
      { model: "math", leftOut: true, error: { code: "checkpoint-missing" } },
    ]);
    const report = await engine.inspectionReport({ id: opened.id }, quietContext);
    expect(names(report.models)).toEqual(["code", "chat"]);
    expect(report.totals.overlap).toHaveLength(3);
    const output = bareOutput(join(root, "merged.safetensors"));
    await expect(engine.plan({ set, output }, quietContext)).rejects.toMatchObject({ code: "checkpoint-missing" });
  });

  it("is an error when it is the base, or when no model is left", async () => {
    const first = healthy();
    rmSync(first.folder("base"), { recursive: true });
    await expect(openPartly(first.set)).rejects.toMatchObject({ code: "checkpoint-missing" });
    const second = healthy();
    for (const name of ["math", "code", "chat"]) rmSync(second.folder(name), { recursive: true });
    await expect(openPartly(second.set)).rejects.toMatchObject({ code: "checkpoint-missing" });
  });
});

describe("tensors that do not fit", () => {
  it("are named with what is wrong in which model", async () => {
    const { set, folder } = healthy();
    rmSync(folder("code"), { recursive: true });
    rmSync(folder("chat"), { recursive: true });
    writeSafetensors(join(folder("code"), "model.safetensors"), {
      ...tensors(2, ["layers.0.a", "layers.1.a", "layers.1.b"]),
      extra: { dtype: "F32", shape: [2], values: [1, 2] },
    });
    writeSafetensors(join(folder("chat"), "model.safetensors"), {
      ...tensors(3),
      "layers.1.a": { dtype: "F32", shape: [8, 4], values: Array.from({ length: 32 }, () => 1) },
      "layers.1.b": { dtype: "I32", shape: [4, 8], bytes: new Uint8Array(128) },
    });
    const opened = await openPartly(set);
    expect(names(unpackTensors(opened.tensors))).toEqual(["layers.0.a"]);
    const found = opened.brokenTensors?.map(({ name, broken }) => [name, broken?.[0].code, broken?.[0].details.model]);
    expect(found?.sort()).toEqual([
      ["extra", "tensor-not-in-base", "code"],
      ["layers.0.b", "tensor-missing", "code"],
      ["layers.1.a", "tensor-shape-differs", "chat"],
      ["layers.1.b", "tensor-dtype-differs", "chat"],
    ]);
    expect(opened.brokenTensors?.find(({ name }) => name === "layers.1.a")?.broken?.[0].details).toMatchObject({
      theirs: "[8, 4]",
      ours: "[4, 8]",
    });
    const report = await engine.inspectionReport({ id: opened.id }, quietContext);
    expect(names(report.tensors)).toEqual(["layers.0.a"]);
  });

  it("are no set at all when none fits", async () => {
    const { set, folder } = healthy();
    rmSync(folder("code"), { recursive: true });
    writeSafetensors(join(folder("code"), "model.safetensors"), tensors(2, ["of.another.kind"]));
    await expect(openPartly(set)).rejects.toMatchObject({ code: "tensors-missing" });
  });
});
