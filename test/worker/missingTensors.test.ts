/** Tensors that not all checkpoints have: refused by name, or the base's where that is asked for. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { createEngine } from "../../src/worker/engine";
import { floats, writeCheckpointSet } from "../fixtures/checkpointSet";
import { messageOf } from "../fixtures/messageOf";
import { quietContext } from "../fixtures/mergeCase";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());
let cases = 0;
const here = (): string => join(folder, String(cases++));

const base = { tensors: { a: floats([1, 2]), b: floats([3]) } };
const partial = { tensors: { a: floats([3, 4]), extra: floats([9]) } };
const whole = { tensors: { a: floats([1, 6]), b: floats([7]) } };

describe("tensors that not all have", () => {
  it("are refused with model and tensor, and what to do", async () => {
    const text = await messageOf(engine.plan(writeCheckpointSet(here(), base, [partial, whole]), quietContext));
    expect(text).toContain(
      "Not all checkpoints have the same tensors: m0 has no b; m0 has extra, which the base has not",
    );
    expect(text).toContain("--missing base");
  });

  it("are the base's in a model that lacks them, and left out where the base does", async () => {
    const job = writeCheckpointSet(here(), base, [partial, whole], { missing: "base" });
    const { notes } = await engine.plan(job, quietContext);
    expect(notes).toEqual(["m0 lacks b: the base's values are taken", "m0 has extra, which the base lacks: left out"]);
    await engine.merge({ ...job, statistics: false }, quietContext);
    expect([...openCheckpoint(job.output.out).tensors.keys()].sort()).toEqual(["a", "b"]);
    expect(readTensor(job.output.out, "a")).toEqual([3, 8]);
    expect(readTensor(job.output.out, "b")).toEqual([7]);
  });

  it("count as a task vector of 0", async () => {
    const job = writeCheckpointSet(here(), base, [partial, whole], { method: "ties", density: 1, missing: "base" });
    const { tensors } = await engine.inspect({ set: job.set }, quietContext);
    const row = tensors.find(({ name }) => name === "b");
    expect(row?.models.map(({ kept, norm }) => [kept, norm])).toEqual([
      [0, 0],
      [1, 4],
    ]);
  });

  it("are averaged as the base's", async () => {
    const job = writeCheckpointSet(here(), base, [partial, whole], { method: "linear", missing: "base" });
    await engine.merge({ ...job, statistics: false }, quietContext);
    expect(readTensor(job.output.out, "b")).toEqual([5]);
  });

  it("need a base", async () => {
    const job = writeCheckpointSet(here(), base, [whole, partial], { method: "linear", base: null, missing: "base" });
    expect(await messageOf(engine.plan(job, quietContext))).toMatch(/^missing-without-base: /);
  });

  it("are not all of them: a model without any of the base's is another one", async () => {
    const other = { tensors: { c: floats([1]) } };
    const job = writeCheckpointSet(here(), base, [other], { missing: "base" });
    expect(await messageOf(engine.plan(job, quietContext))).toMatch(/^architecture-differs: /);
  });
});
