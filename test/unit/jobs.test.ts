/** Work is cut into jobs that outweigh their message, and whose messages are no burden themselves. */
import { expect, test } from "vitest";
import { batch, JOB_BYTES } from "../../src/engine/plan/workPlan";

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

test("items stay in order, in jobs of enough bytes", () => {
  const jobs = batch(range(96), () => JOB_BYTES / 8);
  expect(jobs.flat()).toEqual(range(96));
  expect(jobs.map((job) => job.length)).toEqual(Array.from({ length: 12 }, () => 8));
});

test("very many small items are several jobs", () => {
  const jobs = batch(range(10_000), () => 256);
  expect(jobs.flat()).toEqual(range(10_000));
  expect(Math.max(...jobs.map((job) => job.length))).toBeLessThanOrEqual(512);
});

test("an item of many bytes is a job of its own, and the last job has what is left", () => {
  expect(batch(range(3), (item) => (item === 2 ? 1 : 2 * JOB_BYTES))).toEqual([[0], [1], [2]]);
  expect(batch([], () => 1)).toEqual([]);
});
