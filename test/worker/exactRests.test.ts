/** While somebody waits for an answer, or moves settings, the exact pass rests; then it goes on to the same figures. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { InspectProgress } from "../../src/protocol/engineApi";
import type { InterferenceReport } from "../../src/protocol/report";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { writeRandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

// Large enough that most of the pass is still to be done when its first progress arrives, on any machine.
const random = writeRandomSet(temporaryFolder(), { models: ["one", "two"], layers: 12, edge: 1200 });
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const setWith = (density: number, trimScope: "model" | "tensor") =>
  createMergeSet({ base: random.base, models: random.models.map((path) => ({ path })), density, rules: { trimScope } });
const DEPTH = { members: [0, 1], tensors: false, margins: false };
const LAST_WEIGHT = "model.layers.11.mlp.weight";

interface Pass {
  id: number;
  /** Bytes gone through, as they were told. */
  told: number[];
  report: Promise<InterferenceReport>;
  stop(): void;
}

/** An opened set whose sample is read, and an exact pass that has begun. */
async function beginPass(trimScope: "model" | "tensor"): Promise<Pass> {
  const { id } = await engine.openInspection({ set: setWith(0.2, trimScope) }, quietContext);
  await engine.sampledReport({ id, set: setWith(0.2, trimScope), ...DEPTH }, quietContext);
  const told: number[] = [];
  const controller = new AbortController();
  let hasBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => (hasBegun = resolve));
  const report = engine.inspectionReport(
    { id },
    {
      signal: controller.signal,
      progress: ({ done }: InspectProgress) => {
        told.push(done);
        if (done > 0) hasBegun();
      },
    },
  );
  report.catch(() => undefined);
  await begun;
  return { id, told, report, stop: () => controller.abort() };
}

const move = (id: number, density: number, trimScope: "model" | "tensor") =>
  engine.sampledReport({ id, set: setWith(density, trimScope), ...DEPTH }, quietContext);

for (const trimScope of ["model", "tensor"] as const) {
  it(`settings that move stop the pass, in ${trimScope} scope, until they rest`, async () => {
    const { id, told, report } = await beginPass(trimScope);
    await move(id, 0.3, trimScope);
    await move(id, 0.4, trimScope);
    // What workers were in the middle of is told once more.
    await sleep(150);
    const before = told.length;
    let isDone = false;
    void report.then(() => (isDone = true));
    await sleep(400);
    expect(told.slice(before)).toEqual([]);
    expect(isDone).toBe(false);
    const { totals } = await report;
    expect(totals).toEqual((await engine.inspect({ set: setWith(0.2, trimScope) }, quietContext)).totals);
    await engine.closeInspection({ id }, quietContext);
  }, 60_000);
}

it("pictures stop the pass, and a moment after them it goes on", async () => {
  const { id, told, report } = await beginPass("model");
  const request = { id, tensor: LAST_WEIGHT, row: 0, column: 0, mayEstimate: true };
  for (const level of [0, 3]) await engine.tile({ ...request, level }, quietContext);
  // What workers were in the middle of is told once more.
  await sleep(150);
  const before = told.length;
  await sleep(150);
  expect(told.slice(before)).toEqual([]);
  expect((await report).totals).toEqual((await engine.inspect({ set: setWith(0.2, "model") }, quietContext)).totals);
  await engine.closeInspection({ id }, quietContext);
}, 60_000);

it("a tile is drawn while the pass rests", async () => {
  const { id, told, report, stop } = await beginPass("model");
  await move(id, 0.3, "model");
  const before = told.at(-1) ?? 0;
  const request = { id, tensor: LAST_WEIGHT, level: 0, row: 0, column: 0, mayEstimate: true };
  expect((await engine.tile(request, quietContext)).estimated).toBe(true);
  await sleep(150);
  const after = told.at(-1) ?? 0;
  // Jobs that had begun were ended, to give it a worker; no others were begun.
  expect(after - before).toBeLessThan(random.bytes);
  stop();
  await expect(report).rejects.toMatchObject({ code: "cancelled" });
  await engine.closeInspection({ id }, quietContext);
}, 60_000);

it("a pass that rests can be cancelled", async () => {
  const { id, report, stop } = await beginPass("tensor");
  await move(id, 0.3, "tensor");
  const begin = performance.now();
  stop();
  await expect(report).rejects.toMatchObject({ code: "cancelled" });
  expect(performance.now() - begin).toBeLessThan(500);
  await engine.closeInspection({ id }, quietContext);
}, 60_000);

it("a pass that is asked for while settings move begins when they rest", async () => {
  const { id } = await engine.openInspection({ set: setWith(0.2, "tensor") }, quietContext);
  await move(id, 0.2, "tensor");
  await move(id, 0.3, "tensor");
  let isMoving = true;
  const begun: boolean[] = [];
  const report = engine.inspectionReport(
    { id },
    { signal: quietContext.signal, progress: () => void begun.push(isMoving) },
  );
  await sleep(400);
  isMoving = false;
  await report;
  expect(begun).not.toContain(true);
  await engine.closeInspection({ id }, quietContext);
}, 60_000);
