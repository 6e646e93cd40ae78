/** Fisher merging and RegMean of models whose vocabularies differ, or that store embedding and head as one. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { floats, writeCheckpointSet } from "../fixtures/checkpointSet";
import { messageOf } from "../fixtures/messageOf";
import { quietContext } from "../fixtures/mergeCase";
import { readValues } from "../fixtures/readValues";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const [EMBEDDING, HEAD, NORM] = ["model.embed_tokens.weight", "lm_head.weight", "norm.weight"];
/** Tensors of one column each, so that a Gram matrix is a number: it weighs the model. */
type Columns = Record<string, number[]>;
const tensors = (columns: Columns) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, floats(values, [values.length, 1])]));

let cases = 0;

function write(
  method: "fisher" | "regmean",
  { base, models, statistics }: { base: Columns; models: Columns[]; statistics: Columns[] },
) {
  const here = join(folder, String(cases++));
  const key = method === "fisher" ? "fisher" : "gram";
  const files = statistics.map((own, t) => {
    writeSafetensors(join(here, `s${t}.safetensors`), tensors(own));
    return join(here, `s${t}.safetensors`);
  });
  const fixtures = models.map((own) => ({ tensors: tensors(own) }));
  return writeCheckpointSet(here, { tensors: tensors(base) }, fixtures, { method, [key]: files, vocab: "common" });
}

async function merged(job: ReturnType<typeof write>): Promise<{ values: Record<string, number[]>; notes: string[] }> {
  const { notes } = await engine.plan(job, quietContext);
  await engine.merge({ ...job, statistics: false }, quietContext);
  return { values: readValues(job.output.out), notes };
}

function expectNear(found: Record<string, number[]>, expected: Columns): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    expect(found[name]).toHaveLength(values.length);
    values.forEach((value, i) => expect(found[name][i], `${name} ${i}`).toBeCloseTo(value, 4));
  }
}

describe("vocabularies of different sizes", () => {
  const base = { [EMBEDDING]: [9, 9, 9], [HEAD]: [8, 8, 8] };
  const models = [
    { [EMBEDDING]: [1, 2], [HEAD]: [2, 4] },
    { [EMBEDDING]: [5, 6, 7, 8], [HEAD]: [6, 8, 1, 1] },
  ];

  it("Fisher merging weighs the common rows by the values of each model's own size", async () => {
    const statistics = [
      { [EMBEDDING]: [3, 1], [HEAD]: [1, 1] },
      { [EMBEDDING]: [1, 3, 1, 1], [HEAD]: [1, 3, 1, 1] },
    ];
    const { values } = await merged(write("fisher", { base, models, statistics }));
    expectNear(values, { [EMBEDDING]: [2, 5, 9], [HEAD]: [4, 7, 8] });
  });

  it("RegMean solves for the common rows and averages those that have no Gram matrix", async () => {
    const { values } = await merged(write("regmean", { base, models, statistics: [{ [HEAD]: [3] }, { [HEAD]: [1] }] }));
    expectNear(values, { [EMBEDDING]: [3, 4, 9], [HEAD]: [3, 5, 8] });
  });
});

describe("a model that stores its head as its embedding", () => {
  const base = { [EMBEDDING]: [9, 9], [HEAD]: [9, 9] };
  const models = [{ [EMBEDDING]: [1, 2], [HEAD]: [1, 2] }, { [EMBEDDING]: [5, 6] }];

  it.each([
    ["the embedding's name alone", { [EMBEDDING]: [1, 3] }],
    ["both names", { [EMBEDDING]: [1, 3], [HEAD]: [1, 3] }],
  ])("has its Fisher values under %s", async (_, second) => {
    const statistics = [{ [EMBEDDING]: [3, 1], [HEAD]: [3, 1] }, second];
    const { values } = await merged(write("fisher", { base, models, statistics }));
    expectNear(values, { [EMBEDDING]: [2, 5], [HEAD]: [2, 5] });
  });

  it("has its Gram matrix under the head's name", async () => {
    const { values } = await merged(write("regmean", { base, models, statistics: [{ [HEAD]: [3] }, { [HEAD]: [1] }] }));
    expectNear(values, { [EMBEDDING]: [3, 4], [HEAD]: [2, 3] });
  });

  it("is refused where it has none, and others have", async () => {
    const job = write("regmean", { base, models, statistics: [{ [HEAD]: [3] }, { [EMBEDDING]: [1] }] });
    expect(await messageOf(engine.plan(job, quietContext))).toContain(`m1 has no Gram matrix for ${HEAD}`);
  });
});

it("leaves Gram matrices of a head out that all store as their embedding, and says so", async () => {
  const columns = (value: number): Columns => ({ [EMBEDDING]: [value, value], [NORM]: [value] });
  const { values, notes } = await merged(
    write("regmean", {
      base: columns(9),
      models: [columns(1), columns(5)],
      statistics: [
        { [HEAD]: [3], [NORM]: [3] },
        { [HEAD]: [1], [NORM]: [1] },
      ],
    }),
  );
  expectNear(values, { [EMBEDDING]: [3, 3], [NORM]: [2] });
  expect(notes).toContain(
    `the Gram matrices of ${HEAD} are left out: it is one with ${EMBEDDING} (tied), which is averaged`,
  );
});

it("refuses statistics of a tensor that no model has", async () => {
  const own = { [EMBEDDING]: [1, 2] };
  const job = write("fisher", { base: own, models: [own], statistics: [{ ...own, [NORM]: [1] }] });
  expect(await messageOf(engine.plan(job, quietContext))).toContain(`m0 has no tensor ${NORM}`);
});
