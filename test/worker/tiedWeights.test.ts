/** Head and embedding may be one tensor: a checkpoint that stores it once merges with one that stores it twice. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import type { OutputChoice } from "../../src/protocol/engineApi";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { floats, writeCheckpointSet, writeSharedTorch, type CheckpointFixture } from "../fixtures/checkpointSet";
import { messageOf } from "../fixtures/messageOf";
import { quietContext } from "../fixtures/mergeCase";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const [EMBEDDING, HEAD] = ["model.embed_tokens.weight", "lm_head.weight"];
let cases = 0;
const here = (): string => join(folder, String(cases++));

const column = (...values: number[]) => floats(values, [values.length, 1]);
const stored = (embedding: number[], head?: number[], tied?: boolean): CheckpointFixture => ({
  tensors: { [EMBEDDING]: column(...embedding), ...(head ? { [HEAD]: column(...head) } : {}) },
  ...(tied === undefined ? {} : { config: { tie_word_embeddings: tied } }),
});

async function merged(job: {
  set: MergeSet;
  output: OutputChoice;
}): Promise<{ values: Record<string, number[]>; notes: string[] }> {
  const { notes } = await engine.plan(job, quietContext);
  await engine.merge({ ...job, statistics: false }, quietContext);
  const { tensors, files } = openCheckpoint(job.output.out);
  const names = [...tensors.keys()];
  return { values: Object.fromEntries(names.map((name) => [name, readTensor(files[0], name)])), notes };
}

describe("a base that stores the tied tensor once", () => {
  it("keeps it stored once beside a model that stores the same values twice", async () => {
    const { values, notes } = await merged(
      writeCheckpointSet(here(), stored([1, 2], undefined, true), [stored([2, 4], [2, 4])]),
    );
    expect(values).toEqual({ [EMBEDDING]: [2, 4] });
    expect(notes).toEqual([`m0 stores ${HEAD} a second time as ${EMBEDDING} (tied): it is left out`]);
  });

  it("merges with a PyTorch file in which both names share a storage", async () => {
    const at = here();
    const model = writeSharedTorch(join(at, "torch"), [EMBEDDING, HEAD], [3, 5]);
    const { values } = await merged(writeCheckpointSet(at, stored([1, 2]), [model]));
    expect(values).toEqual({ [EMBEDDING]: [3, 5] });
  });

  it("is written with a head where a model has one of its own, and its config says so", async () => {
    const at = here();
    const models = [stored([2, 4], [2, 5]), stored([4, 2], undefined, true)];
    const { set, output } = writeCheckpointSet(at, stored([1, 2], undefined, true), models);
    const out = join(at, "out");
    const { values, notes } = await merged({ set, output: { ...output, out } });
    expect(values).toEqual({ [EMBEDDING]: [5, 4], [HEAD]: [5, 5] });
    expect(notes).toEqual([
      `m0 has a ${HEAD} of its own, for which the base has ${EMBEDDING} (tied): merged and written apart`,
      `m1 stores ${HEAD} once with ${EMBEDDING} (tied): that is merged`,
    ]);
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as unknown;
    expect(config).toMatchObject({ tie_word_embeddings: false });
  });

  it("refuses such a model where nothing says that it has a head at all", async () => {
    const job = writeCheckpointSet(here(), stored([1, 2]), [stored([2, 4], [2, 5])]);
    expect(await messageOf(engine.plan(job, quietContext))).toContain(
      `tensors-missing: Not all checkpoints have the same tensors: m0 has ${HEAD} (other values than ${EMBEDDING}), which the base has not`,
    );
  });

  it("leaves such a head out where that is asked for", async () => {
    const { values, notes } = await merged(
      writeCheckpointSet(here(), stored([1, 2]), [stored([2, 4], [2, 5])], { missing: "base" }),
    );
    expect(values).toEqual({ [EMBEDDING]: [2, 4] });
    expect(notes).toEqual([`m0 has ${HEAD}, which the base lacks: left out`]);
  });

  it("takes the head of a model that stores it under that name alone", async () => {
    const model: FixtureTensors = { [HEAD]: column(3, 3) };
    const { values } = await merged(writeCheckpointSet(here(), stored([1, 2]), [{ tensors: model }]));
    expect(values).toEqual({ [EMBEDDING]: [3, 3] });
  });
});

describe("a base that stores embedding and head", () => {
  it("takes the embedding of a model that stores it once for its head too", async () => {
    const { values, notes } = await merged(
      writeCheckpointSet(here(), stored([1, 2], [1, 2]), [stored([4, 2], undefined, true)]),
    );
    expect(values).toEqual({ [EMBEDDING]: [4, 2], [HEAD]: [4, 2] });
    expect(notes).toEqual([`m0 stores ${HEAD} once with ${EMBEDDING} (tied): that is merged`]);
  });

  it("refuses a model that lacks its head and says that it is none of its embedding", async () => {
    const job = writeCheckpointSet(here(), stored([1, 2], [1, 2]), [stored([4, 2], undefined, false)]);
    expect(await messageOf(engine.plan(job, quietContext))).toContain(`m0 has no ${HEAD}`);
  });

  it("of a PyTorch file merges them once and writes them under both names", async () => {
    const at = here();
    const base = writeSharedTorch(join(at, "torch"), [EMBEDDING, HEAD], [1, 2, 3, 4]);
    const models = [stored([5, 2, 3, 4]), stored([2, 3, 4, 5], [2, 3, 4, 5])];
    const job = writeCheckpointSet(at, stored([]), models, { base, method: "ties", density: 0.5, outDtype: "BF16" });
    const { values, notes } = await merged(job);
    // Half of four entries, not of eight; of four equal ones, all.
    expect(values).toEqual({ [EMBEDDING]: [3.5, 3, 4, 5], [HEAD]: [3.5, 3, 4, 5] });
    expect(notes).toContain(`${HEAD} is ${EMBEDDING} under another name (tied): merged once`);
    const report = await engine.inspect({ set: job.set }, quietContext);
    expect(report.tensors.map(({ name }) => name)).toEqual([EMBEDDING]);
  });

  it.each([
    ["once where its config says that they are one, or nothing", { model_type: "llama" }, [EMBEDDING]],
    ["under both names where it says that they are not", { tie_word_embeddings: false }, [EMBEDDING, HEAD]],
  ])("of a PyTorch folder writes them %s", async (_, config, names) => {
    const at = here();
    const base = join(at, "torch");
    writeSharedTorch(base, [HEAD, EMBEDDING], [1, 2]);
    writeFileSync(join(base, "config.json"), JSON.stringify(config));
    const { values } = await merged(writeCheckpointSet(at, stored([]), [stored([5, 2])], { base }));
    expect(values).toEqual(Object.fromEntries(names.map((name) => [name, [5, 2]])));
  });

  it("of a PyTorch file merges them apart where a model has other values in its head", async () => {
    const at = here();
    const base = writeSharedTorch(join(at, "torch"), [EMBEDDING, HEAD], [1, 2]);
    const { values } = await merged(writeCheckpointSet(at, stored([]), [stored([5, 2], [1, 7])], { base }));
    expect(values).toEqual({ [EMBEDDING]: [5, 2], [HEAD]: [1, 7] });
  });

  it("of an encoder and decoder shares theirs", async () => {
    const tensors = (value: number, names: string[]): FixtureTensors =>
      Object.fromEntries(names.map((name) => [name, column(value, value)]));
    const all = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"];
    const base = { tensors: tensors(1, all) };
    const { values } = await merged(writeCheckpointSet(here(), base, [{ tensors: tensors(3, ["shared.weight"]) }]));
    expect(values).toEqual(Object.fromEntries(all.map((name) => [name, [3, 3]])));
  });
});
