/** What the base says of a set comes before its models are opened, and what they say then is what holds. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { InspectionPreview } from "../../src/protocol/engineApi";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { sameTensors, unpackTensors, type TensorTable } from "../../src/protocol/tensorTable";
import { createEngine } from "../../src/worker/engine";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";

const root = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const NAMES = ["layers.10.a", "layers.2.a", "layers.2.b", "norm"];
const tensors = (names: readonly string[] = NAMES, rows = 4): FixtureTensors => ({
  ...Object.fromEntries(
    names.map((name) => [name, { dtype: "F32", shape: [rows, 2], values: new Float32Array(2 * rows) }]),
  ),
  step: { dtype: "I64", shape: [], bytes: new Uint8Array(8) },
});

let made = 0;
function setOf(models: FixtureTensors[], options: Partial<MergeSet> = {}): MergeSet {
  const folder = join(root, `set ${made++}`);
  const write = (name: string, of: FixtureTensors): string => {
    const path = join(folder, `${name}.safetensors`);
    writeSafetensors(path, of);
    return path;
  };
  const base = write("base", tensors());
  return createMergeSet({ base, models: models.map((of, at) => ({ path: write(`m${at}`, of) })), ...options });
}

/** The messages in the order in which they come. */
async function openSet(set: MergeSet) {
  const previews: InspectionPreview[] = [];
  const context = {
    signal: new AbortController().signal,
    progress: (preview: InspectionPreview) => void previews.push(preview),
  };
  const opened = await engine.openInspection({ set, partly: true }, context).catch((error: unknown) => error);
  return { previews, opened: opened as Awaited<ReturnType<typeof engine.openInspection>> };
}

const names = (table: TensorTable): string[] => unpackTensors(table).map(({ name }) => name);

it("of a whole set it is what holds", async () => {
  const { previews, opened } = await openSet(setOf([tensors(), tensors()]));
  expect(previews).toHaveLength(1);
  expect(names(previews[0]!.tensors)).toEqual(["layers.2.a", "layers.2.b", "layers.10.a", "norm"]);
  expect(sameTensors(previews[0]!.tensors, opened.tensors)).toBe(true);
  expect(previews[0]!.set).toEqual(opened.set);
});

it("has only what the set merges", async () => {
  const { previews, opened } = await openSet(setOf([tensors()], { exclude: ["layers.2.*"] }));
  expect(names(previews[0]!.tensors)).toEqual(["layers.10.a", "norm"]);
  expect(names(opened.tensors)).toEqual(["layers.10.a", "norm"]);
});

it("of a set whose models are missing or lack tensors the opened set says so", async () => {
  const set = setOf([tensors(), tensors(["layers.2.a", "norm"])]);
  rmSync(set.models[0]!.path);
  const { previews, opened } = await openSet(set);
  expect(previews[0]!.set.models).toHaveLength(2);
  expect(names(previews[0]!.tensors)).toHaveLength(4);
  expect(opened.set.models.map(({ name }) => name)).toEqual(["m1"]);
  expect(names(opened.tensors)).toEqual(["layers.2.a", "norm"]);
  expect(opened.brokenTensors?.map(({ name }) => name).sort()).toEqual(["layers.10.a", "layers.2.b"]);
});

it("of a set whose shapes differ in the opened one the opened shapes hold", async () => {
  const other = { ...tensors(), "layers.2.a": tensors(["layers.2.a"], 5)["layers.2.a"]! };
  const { previews, opened } = await openSet(setOf([other]));
  expect(names(previews[0]!.tensors)).toContain("layers.2.a");
  expect(names(opened.tensors)).not.toContain("layers.2.a");
});

it("a base that cannot be read has none", async () => {
  const set = setOf([tensors()]);
  rmSync(set.base!);
  const { previews, opened } = await openSet(set);
  expect(previews).toEqual([]);
  expect(opened).toMatchObject({ code: "checkpoint-missing" });
});
