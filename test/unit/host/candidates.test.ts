import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Candidates } from "../../../src/host/dialog/candidates";
import type { EngineWorker } from "../../../src/host/engineKeeper";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "candidates-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Checkpoint folders whose headers say that they hold one tensor of this shape; `null`: cannot be read. */
function checkpoints(shapes: Record<string, number[] | null>, parents: Record<string, string> = {}) {
  const found = Object.keys(shapes).map((name) => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, "config.json"), JSON.stringify({ _name_or_path: parents[name] }));
    return { path, kind: "folder" as const };
  });
  const api = {
    info: async ({ path }: { path: string }) => {
      const shape = shapes[path.slice(folder.length + 1)];
      if (!shape) throw new Error("cannot be read");
      return { tensors: [{ name: "weight", dtype: "F32", shape, bytes: 4 }] };
    },
  } as unknown as EngineWorker["api"];
  const at = (name: string) => found.find(({ path }) => path === join(folder, name))!;
  const name = (path: string): string => path.slice(folder.length + 1);
  return { found, api, at, name };
}

const signal = new AbortController().signal;

it("proposes the base of the selection, also one that is not selected", async () => {
  const { found, api, at, name } = checkpoints({ a: [2], b: [2], start: [2], other: [9] }, { a: "start", b: "start" });
  const ranked = await new Candidates([at("b"), at("a")], found, api, signal).rankedBases();
  expect(ranked.filter(({ proposed }) => proposed).map(({ path }) => name(path))).toEqual(["start"]);
  expect(ranked).toHaveLength(4);
});

it("finds the base also when it is the only one selected", async () => {
  const { found, api, at, name } = checkpoints({ a: [2], b: [2], start: [2] }, { a: "start", b: "start" });
  const [best] = await new Candidates([at("start")], found, api, signal).rankedBases();
  expect([name(best!.path), best!.proposed]).toEqual(["start", true]);
});

it("lists models that fit the base first, and those that cannot be read before those that do not fit", async () => {
  const { found, api, at, name } = checkpoints({ base: [2], a: [9], b: null, "c-10": [2], "c-9": [2] });
  const candidates = new Candidates([], found, api, signal);
  expect((await candidates.rankedModels(at("base").path)).map(({ path, fits }) => [name(path), fits])).toEqual([
    ["c-9", true],
    ["c-10", true],
    ["b", null],
    ["a", false],
  ]);
});

it("says of models that differ in vocabulary rows or tied weights what differs, and that they fit", async () => {
  const [embedding, head] = ["model.embed_tokens.weight", "lm_head.weight"];
  const { found, at, name } = checkpoints({ base: [], plain: [], rows: [], apart: [], both: [], other: [] });
  const shapes: Record<string, Record<string, number[]>> = {
    base: { [embedding]: [9, 4], norm: [4] },
    plain: { [embedding]: [9, 4], norm: [4] },
    rows: { [embedding]: [10, 4], norm: [4] },
    apart: { [embedding]: [9, 4], [head]: [9, 4], norm: [4] },
    both: { [embedding]: [8, 4], [head]: [8, 4], norm: [4] },
    other: { [embedding]: [9, 5], norm: [5] },
  };
  const api = {
    info: async ({ path }: { path: string }) => ({
      tensors: Object.entries(shapes[name(path)]!).map(([tensor, shape]) => ({ name: tensor, shape })),
    }),
  } as unknown as EngineWorker["api"];
  const candidates = new Candidates([], found, api, signal);
  const models = await candidates.rankedModels(at("base").path);
  expect(models.map(({ path, fits, difference }) => [name(path), fits, difference])).toEqual([
    ["plain", true, null],
    ["apart", true, { copies: "more" }],
    ["both", true, { rows: { own: 8, base: 9 }, copies: "more" }],
    ["rows", true, { rows: { own: 10, base: 9 } }],
    ["other", false, null],
  ]);
  expect(await candidates.rankedModels(at("apart").path)).toContainEqual({
    path: at("base").path,
    fits: true,
    difference: { copies: "fewer" },
  });
});

it("takes up what was browsed for, once", async () => {
  const { found, api, at } = checkpoints({ a: [2], b: [2] });
  const candidates = new Candidates([], [at("a")], api, signal);
  await candidates.rankedBases();
  await candidates.add(at("b").path);
  await candidates.add(at("b").path);
  expect(candidates.list).toEqual(found);
  expect(await candidates.rankedBases()).toHaveLength(2);
});
