/** Checkpoints of different dtypes: computed in float32, or in float64 where all are F64, and written as the base. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { FloatDtype } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { writeCheckpointSet } from "../fixtures/checkpointSet";
import { quietContext } from "../fixtures/mergeCase";
import { readTensor, readTensorBytes } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const tensor = (dtype: FloatDtype, values: number[]) => ({ tensors: { w: { dtype, shape: [values.length], values } } });

it.each<[FloatDtype, FloatDtype, number[], FloatDtype, number[], number[]]>([
  ["BF16", "F32", [1.5, 1.125], "F16", [2, 1], [2.5, 1.125]],
  ["F32", "BF16", [1.5, 1.125], "F64", [2, 1 + 2 ** -10], [2.5, 1.125 + 2 ** -10]],
  ["F64", "F32", [1.5, 1.125], "F64", [2, 1 + 2 ** -20], [2.5, 1.125 + 2 ** -20]],
  ["F16", "F8_E4M3", [1.5, 1.125], "F32", [2, 1 + 2 ** -10], [2.5, 1.125 + 2 ** -10]],
])("%s with a model of %s %j and one of %s %j is written as the base", async (base, first, one, second, two, sum) => {
  const models = [tensor(first, one), tensor(second, two)];
  const job = writeCheckpointSet(join(folder, `${base}${first}`), tensor(base, [1, 1]), models);
  await engine.merge({ ...job, statistics: false }, quietContext);
  expect(readTensorBytes(job.output.out, "w").dtype).toBe(base);
  expect(readTensor(job.output.out, "w")).toEqual(sum);
});

it("rounds once: what two models add is larger than half a step of the base's dtype", async () => {
  // A step of BF16 at 1 is 2⁻⁷: each task vector alone would vanish, both together are three quarters of a step.
  const part = 1 + 3 * 2 ** -10;
  const job = writeCheckpointSet(join(folder, "once"), tensor("BF16", [1]), [
    tensor("F32", [part]),
    tensor("F32", [part]),
  ]);
  await engine.merge({ ...job, statistics: false }, quietContext);
  expect(readTensor(job.output.out, "w")).toEqual([1 + 2 ** -7]);
});
