/** Exact reports are remembered from one opening of the inspector to the next, as long as they hold. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EngineKeeper } from "../../src/host/engineKeeper";
import { InspectorSession } from "../../src/host/inspector/inspectorSession";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { InterferenceReport } from "../../src/protocol/report";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { startEngineWorker } from "../../src/worker/engineClient";
import { prepareSet } from "../../src/worker/preparedSet";
import { ReportCache } from "../../src/worker/reportCache";
import { quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const root = temporaryFolder();
const fresh = () => {
  const folder = mkdtempSync(join(root, "case-"));
  const cacheFolder = join(folder, "cache");
  const shapes = { "layers.0.weight": [20, 30], "layers.1.weight": [40], embed: [9, 9] };
  return { folder, cacheFolder, ...writeMergeCase({ folder, shapes, models: 3, step: 1 / 8 }) };
};

interface Opening {
  report: InterferenceReport;
  /** Tensors that were counted for it. */
  counted: number;
}

/** Opens the inspector as the editor does, in an engine of its own, and closes it. */
async function open(set: MergeSet, cacheFolder: string, look = false): Promise<Opening & { tile: unknown }> {
  const keeper = new EngineKeeper(() => startEngineWorker({ threads: 1, cacheFolder }));
  const session = new InspectorSession(set, keeper);
  const before = whole(cacheFolder);
  let counted = 0;
  try {
    const context = {
      signal: new AbortController().signal,
      progress: ({ rows }: { rows: unknown[] }) => void (counted += rows.length),
    };
    const report = await session.statistics(context);
    const tile = look
      ? await session.tile({ tensor: "layers.0.weight", level: 0, row: 0, column: 0 }, context as never)
      : null;
    // The entry is written when the report is there: a little later.
    const more = counted > 0 ? 1 : 0;
    await expect.poll(() => whole(cacheFolder) - before, { timeout: 10_000 }).toBe(more);
    return { report, counted, tile };
  } finally {
    session.dispose();
    keeper.dispose();
  }
}

const entries = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));
/** Complete entries. */
const whole = (folder: string): number =>
  existsSync(folder) ? entries(folder).filter((path) => path.endsWith(".gz")).length : 0;

it("gives the same report and the same pictures without counting again", async () => {
  const { set, cacheFolder } = fresh();
  const first = await open(set, cacheFolder, true);
  expect(first.counted).toBe(3);
  const second = await open(set, cacheFolder, true);
  expect(second).toEqual({ ...first, counted: 0 });
});

it.each([
  ["Breadcrumbs", { method: "breadcrumbs", density: 0.3, gamma: 0.1 }],
  ["SCE", { method: "sce", selectTopk: 0.4 }],
] as const)("keeps what the masks of %s need", async (_, input) => {
  const { set, cacheFolder } = fresh();
  const own = createMergeSet({ ...set, ...input, models: set.models.map(({ path }) => ({ path })) });
  const first = await open(own, cacheFolder, true);
  expect(await open(own, cacheFolder, true)).toEqual({ ...first, counted: 0 });
});

it("keeps equal magnitudes where exact ties were cut", async () => {
  const folder = mkdtempSync(join(root, "ties-"));
  const cacheFolder = join(folder, "cache");
  const { set } = writeMergeCase({
    folder,
    shapes: { "layers.0.weight": [50, 40] },
    models: 2,
    step: 1,
    density: 0.37,
    rules: { trimTies: "exact", trimScope: "tensor" },
  });
  const first = await open(set, cacheFolder, true);
  expect(await open(set, cacheFolder, true)).toEqual({ ...first, counted: 0 });
});

it("counts again after a file has changed, and for another recipe", async () => {
  const { folder, set, cacheFolder } = fresh();
  const first = await open(set, cacheFolder);
  const model = join(folder, "model1.safetensors");
  const bytes = readFileSync(model);
  // The same size and another value, a moment later.
  bytes[bytes.length - 1] ^= 0x80;
  writeFileSync(model, bytes);
  utimesSync(model, new Date(), new Date(Date.now() + 5000));
  const second = await open(set, cacheFolder);
  expect(second.counted).toBe(3);
  expect(second.report.totals).not.toEqual(first.report.totals);
  const other = { ...set, models: set.models.map((one) => ({ ...one, density: 0.9 })) };
  expect((await open(other, cacheFolder)).counted).toBe(3);
  expect(whole(cacheFolder)).toBe(3);
});

it("ignores and deletes an entry that is damaged", async () => {
  const { set, cacheFolder } = fresh();
  await open(set, cacheFolder);
  const [entry] = entries(cacheFolder);
  const bytes = readFileSync(entry!);
  for (const broken of [bytes.subarray(0, bytes.length / 2), Buffer.from("not gzip"), Buffer.alloc(0)]) {
    writeFileSync(entry!, broken);
    const prepared = prepareSet(set, { threads: 1, memoryLimit: 2 ** 30 }, true);
    expect(new ReportCache(cacheFolder).entryFor(prepared)!.find()).toBeNull();
    expect(existsSync(entry!)).toBe(false);
  }
  expect((await open(set, cacheFolder)).counted).toBe(3);
});

it("keeps below its size by forgetting what was used longest ago", async () => {
  const { set, cacheFolder } = fresh();
  const engine = createEngine({ threads: 1 });
  const limits = { threads: 1, memoryLimit: 2 ** 30 };
  const report = await engine.inspect({ set }, quietContext);
  await engine.close();
  const variants = [0.1, 0.2, 0.3].map((density) => ({
    ...set,
    models: set.models.map((model) => ({ ...model, density })),
  }));
  const rules = new Map([0, 1, 2].map((at) => [at, set.models.map(() => ({ threshold: 0.5, tieEnd: Infinity }))]));
  const entryOf = (variant: MergeSet, limit: number) =>
    new ReportCache(cacheFolder, limit).entryFor(prepareSet(variant, limits, true))!;
  await entryOf(variants[0]!, 1e9).keep({ report, rules });
  const size = statSync(entries(cacheFolder)[0]!).size;
  const limit = 2.5 * size;
  await entryOf(variants[1]!, limit).keep({ report, rules });
  for (const path of entries(cacheFolder)) utimesSync(path, 1000, 1000);
  // Used again: the other one goes.
  expect(entryOf(variants[0]!, limit).find()).not.toBeNull();
  await entryOf(variants[2]!, limit).keep({ report, rules });
  expect(entries(cacheFolder)).toHaveLength(2);
  expect(entryOf(variants[1]!, limit).find()).toBeNull();
  expect(entryOf(variants[0]!, limit).find()?.rules).toEqual(rules);
});

it("does without where its folder cannot be written", async () => {
  const { folder, set } = fresh();
  const blocked = join(folder, "a-file");
  writeFileSync(blocked, "");
  const engine = createEngine({ threads: 1, cacheFolder: join(blocked, "cache") });
  const { id } = await engine.openInspection({ set }, quietContext);
  expect((await engine.inspectionReport({ id }, quietContext)).tensors).toHaveLength(3);
  await engine.close();
});
