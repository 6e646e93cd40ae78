/** Counting a pyramid: only for those who wait, in part while it goes on, with nothing drawn that is not counted. */
import { expect, it } from "vitest";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { countRegion } from "../../src/engine/stats/countRegion";
import type { Pyramid, Region } from "../../src/engine/stats/pyramid";
import { matrixShape, type TileProgress } from "../../src/protocol/tiles";
import { TensorPyramid } from "../../src/worker/tensorPyramid";
import { expectTrueShares, PICTURED_MODELS, picturedSource, picturedVectors } from "../fixtures/picturedTensor";

interface Job {
  region: Region;
  finish(): void;
  fail(error: Error): void;
}

function counting() {
  const jobs: Job[] = [];
  const count = (_: Pyramid, region: Region): Promise<void> =>
    new Promise((resolve, reject) => jobs.push({ region, finish: resolve, fail: reject }));
  // Eight regions of 256 rows.
  return { jobs, pyramid: new TensorPyramid(matrixShape([2048, 4096]), 1, 3, 2, count) };
}

const watcher = () => {
  const leave = new AbortController();
  const seen: TileProgress[] = [];
  return { leave, seen, context: { signal: leave.signal, progress: (value: TileProgress) => void seen.push(value) } };
};
const settle = (milliseconds = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const TOP = { tensor: "w", level: 5, row: 0, column: 0 };
const LOWER = { tensor: "w", level: 3, row: 1, column: 0 };

it("counts what a tile covers, a few regions at a time, and answers when all is there", async () => {
  const { jobs, pyramid } = counting();
  const { context } = watcher();
  let answered = false;
  const tile = pyramid.tile(LOWER, context).finally(() => (answered = true));
  await settle();
  expect(jobs.map(({ region }) => region.row)).toEqual([1024, 1280]);
  jobs[0].finish();
  await settle();
  expect([jobs.length, answered]).toEqual([3, false]);
  for (let at = 1; at < 4; at++) {
    jobs[at].finish();
    await settle();
  }
  expect(await tile).toMatchObject({ level: 3, width: 128, height: 128 });
  expect(jobs.length).toBe(4);
  // What is counted is not counted again.
  await pyramid.tile(LOWER, context);
  expect(jobs.length).toBe(4);
});

it("tells what is known meanwhile, row by row", async () => {
  const { jobs, pyramid } = counting();
  const { context, seen } = watcher();
  const tile = pyramid.tile(TOP, context);
  tile.catch(() => undefined);
  await settle();
  jobs[0].finish();
  await settle(300);
  const { partial, done, total } = seen[seen.length - 1];
  expect([done, total]).toEqual([1, 8]);
  expect([...(partial?.known ?? [])]).toEqual(Array.from({ length: 64 }, (_, y) => (y < 8 ? 1 : 0)));
});

it("a long matrix whose pixels are longer than a region has them when all of their regions are counted", async () => {
  const matrix = matrixShape([10_000, 300]);
  const taus = picturedVectors(matrix.elements, 5);
  const all = [Infinity, Infinity];
  const source = picturedSource(taus, chooseKernels("simd").kernelsFor(PICTURED_MODELS), all);
  const held: (() => void)[] = [];
  const rows: number[] = [];
  const pyramid = new TensorPyramid(matrix, PICTURED_MODELS, 6, 4, async (into, region) => {
    rows.push(region.row);
    await new Promise<void>((resolve) => held.push(resolve));
    countRegion(into, region, source);
  });
  // Pixels of 2^12 rows; regions of 3072: the second one is the last to come.
  const request = { tensor: "w", level: 12, columnLevel: 6, row: 0, column: 0 };
  const { context, seen } = watcher();
  const tile = pyramid.tile(request, context);
  await settle();
  expect(rows).toEqual([0, 3072, 6144, 9216]);
  for (const at of [0, 3, 2]) held[at]();
  await settle(300);
  expect([...(seen[seen.length - 1].partial?.known ?? [])]).toEqual([0, 0, 1]);
  held[1]();
  expectTrueShares(await tile, matrix, taus, all);
  for (const level of [13, 14]) {
    expectTrueShares(await pyramid.tile({ ...request, level, columnLevel: 8 }, context), matrix, taus, all);
  }
});

it("stops when nobody waits, and goes on where it was", async () => {
  const { jobs, pyramid } = counting();
  const first = watcher();
  const tile = pyramid.tile(TOP, first.context);
  await settle();
  first.leave.abort();
  await expect(tile).rejects.toMatchObject({ code: "cancelled" });
  expect(pyramid.isWanted).toBe(false);
  jobs[0].finish();
  jobs[1].finish();
  await settle();
  expect(jobs.length).toBe(2);
  const again = pyramid.tile(TOP, watcher().context);
  again.catch(() => undefined);
  await settle();
  expect(jobs.map(({ region }) => region.row)).toEqual([0, 256, 512, 768]);
});

it("a failure is told to all who wait, and the region is counted anew when asked for again", async () => {
  const { jobs, pyramid } = counting();
  const tile = pyramid.tile(TOP, watcher().context);
  await settle();
  jobs[0].fail(new Error("no disk"));
  await expect(tile).rejects.toThrow("no disk");
  const again = pyramid.tile(TOP, watcher().context);
  again.catch(() => undefined);
  await settle();
  expect(jobs.slice(2).map(({ region }) => region.row)).toContain(0);
});
