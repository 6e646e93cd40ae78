/** Pictures do not wait for a pass over all checkpoints where the sample may answer; what is estimated says so. */
import { afterAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { Method } from "../../src/protocol/mergeSet";
import { FULL_SHARE, type Tile } from "../../src/protocol/tiles";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { writeRandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const random = writeRandomSet(temporaryFolder(), { models: ["one", "two"], layers: 5, edge: 600 });
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const TENSOR = "model.layers.2.mlp.weight";
const request = { tensor: TENSOR, level: 1, row: 1, column: 1 };
const open = async (method: Method = "ties", selectTopk?: number): Promise<number> => {
  const models = random.models.map((path) => ({ path }));
  const { id } = await engine.openInspection(
    { set: createMergeSet({ method, base: random.base, models, selectTopk }) },
    quietContext,
  );
  return id;
};
const keptShare = ({ kept, width, height }: Tile): number =>
  [...kept.subarray(0, 2 * width * height)].reduce((sum, share) => sum + share, 0) / FULL_SHARE / (width * height);

it("a tile and its parameters are estimated until the statistics are exact", async () => {
  const id = await open();
  const early = await engine.tile({ id, ...request, mayEstimate: true }, quietContext);
  expect(early.estimated).toBe(true);
  const cells = { tensor: TENSOR, row: 0, column: 0, rows: 2, columns: 2 };
  const block = await engine.parameters({ id, ...cells, mayEstimate: true }, quietContext);
  expect(block.estimated).toBe(true);

  const exact = await engine.tile({ id, ...request }, quietContext);
  expect(exact.estimated).toBeUndefined();
  expect(keptShare(early)).toBeGreaterThan(0.1);
  expect(Math.abs(keptShare(early) - keptShare(exact))).toBeLessThan(0.01);
  const { thresholds } = await engine.parameters({ id, ...cells }, quietContext);
  block.thresholds.forEach((threshold, t) => {
    expect(threshold).not.toBe(thresholds[t]);
    expect(Math.abs(threshold / thresholds[t] - 1)).toBeLessThan(0.02);
  });

  await engine.inspectionReport({ id }, quietContext);
  expect(await engine.tile({ id, ...request, mayEstimate: true }, quietContext)).toEqual(exact);
});

it("what SCE selects of a tile is estimated, too", async () => {
  const id = await open("sce", 0.3);
  const early = await engine.tile({ id, ...request, mayEstimate: true }, quietContext);
  expect(early.estimated).toBe(true);
  const exact = await engine.tile({ id, ...request }, quietContext);
  expect(exact.estimated).toBeUndefined();
  expect(keptShare(early)).toBeGreaterThan(0.1);
  expect(Math.abs(keptShare(early) - keptShare(exact))).toBeLessThan(0.02);
});

it("a sample of everything gives exact pictures at once", async () => {
  const small = writeRandomSet(temporaryFolder(), { models: ["one", "two"], layers: 2, edge: 60 });
  const set = createMergeSet({ base: small.base, models: small.models.map((path) => ({ path })) });
  const { id } = await engine.openInspection({ set }, quietContext);
  const tile = { tensor: "model.layers.0.mlp.weight", level: 0, row: 0, column: 0 };
  const early = await engine.tile({ id, ...tile, mayEstimate: true }, quietContext);
  expect(early).toEqual(await engine.tile({ id, ...tile }, quietContext));
});

it("masks that are drawn are never estimated", async () => {
  const id = await open("dare_ties");
  expect((await engine.tile({ id, ...request, mayEstimate: true }, quietContext)).estimated).toBeUndefined();
});
