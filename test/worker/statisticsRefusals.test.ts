/** Fisher values and Gram matrices that do not fit or are not what they claim to be: refused by name, nothing written. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { MergeError } from "../../src/protocol/errors";
import { describeError, type ErrorCode } from "../../src/protocol/errorText";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { statisticsPath, writeFisherCase, writeGramCase } from "../fixtures/statisticsCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const shapes = { "a.weight": [2, 3], "b.bias": [4] };
let cases = 0;

/** Merges with the second model's statistics replaced by `tensors`; gives the refusal as people read it. */
async function refusal(
  write: typeof writeFisherCase,
  code: ErrorCode,
  tensors: FixtureTensors,
  input: Parameters<typeof writeFisherCase>[0]["input"] = {},
): Promise<string> {
  const here = join(folder, String(cases++));
  const { set } = write({ folder: here, shapes, models: 2, input });
  writeSafetensors(statisticsPath(here, 1), tensors);
  const output = bareOutput(here);
  const error: unknown = await engine.merge({ set, output, statistics: false }, quietContext).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MergeError)) throw new Error(`expected ${code}, got ${String(error)}`, { cause: error });
  expect(error.code).toBe(code);
  expect(existsSync(output.out)).toBe(false);
  const text = describeError({ code: error.code, details: error.details });
  expect(text).not.toMatch(/\{\w+\}/);
  return text;
}

const f32 = (shape: number[], values: number[]) => ({ dtype: "F32" as const, shape, values });
const six = f32([2, 3], [1, 2, 3, 4, 5, 6]);
const four = f32([4], [1, 1, 1, 1]);

describe("Fisher values are refused", () => {
  it("where tensors are missing, in excess or of another shape: all are named", async () => {
    const text = await refusal(writeFisherCase, "fisher-mismatch", { "a.weight": f32([3, 2], six.values), c: four });
    expect(text).toMatch(/^Tensors .*\(3\): /);
    expect(text).toContain("model1: a.weight is [3, 2], in the model [2, 3]");
    expect(text).toContain("model1 has no Fisher values for b.bias");
    expect(text).toContain("model1 has no tensor c");
  });

  it("where they are integers", async () => {
    const bytes = new Uint8Array(4 * 8);
    const integers = { dtype: "I64", shape: [4], bytes };
    expect(await refusal(writeFisherCase, "fisher-mismatch", { "a.weight": six, "b.bias": integers })).toContain("I64");
  });

  it.each([
    ["negative", -1, "-1"],
    ["NaN", NaN, "NaN"],
    ["infinite", Infinity, "Infinity"],
  ])("where one is %s, with and without norms", async (_, value, shown) => {
    const bad = { "a.weight": f32([2, 3], [1, 2, 3, 4, value, 6]), "b.bias": four };
    for (const normalizeFisher of [false, true]) {
      const text = await refusal(writeFisherCase, "fisher-value", bad, { normalizeFisher });
      expect(text).toContain(`model1 hold ${shown} at index 4 [1, 1] (a.weight)`);
    }
  });
});

describe("Gram matrices are refused", () => {
  const gram = (values: number[], order = 3) => ({ "a.weight": f32([order, order], values) });
  const unit = [1, 0, 0, 0, 1, 0, 0, 0, 1];

  it("where their shape does not fit", async () => {
    const text = await refusal(writeGramCase, "gram-mismatch", gram([1, 0, 0, 1], 2));
    expect(text).toContain("model1: the Gram matrix of a.weight is [2, 2] in place of [3, 3]");
  });

  it("where only some models have one, and where a bias has one", async () => {
    const text = await refusal(writeGramCase, "gram-mismatch", { "b.bias": f32([4, 4], Array<number>(16).fill(1)) });
    expect(text).toContain("model1 has no Gram matrix for a.weight, other models have");
    expect(text).toContain("b.bias is [4], not a weight [out, in]");
  });

  it("where no tensor that is merged has one", async () => {
    await refusal(writeGramCase, "gram-none", gram(unit), { include: ["b.*"] });
  });

  it.each([
    ["NaN", [1, 0, 0, NaN, 1, 0, 0, 0, 1], "NaN at [1, 0]"],
    ["infinity above the diagonal", [1, 0, Infinity, 0, 1, 0, 0, 0, 1], "Infinity at [0, 2]"],
    ["something below 0 on the diagonal", [1, 0, 0, 0, -2, 0, 0, 0, 1], "-2 at [1, 1]"],
  ])("where they hold %s", async (_, values, shown) => {
    expect(await refusal(writeGramCase, "gram-value", gram(values))).toContain(shown);
  });

  it("where they are not symmetric", async () => {
    const text = await refusal(writeGramCase, "gram-not-symmetric", gram([1, 0, 0, 0.5, 1, 0, 0, 0, 1]));
    expect(text).toContain("0.5 at [1, 0], 0 on the other side (a.weight)");
  });

  it("where their sum is not positive definite, with the tensor and an estimate of the condition", async () => {
    const indefinite = gram([1, 900, 0, 900, 1, 0, 0, 0, 1]);
    const text = await refusal(writeGramCase, "gram-not-positive-definite", indefinite, { alpha: 1 });
    // 900 is more than its diagonal allows, yet symmetric: only the factor shows it.
    expect(text).toMatch(
      /not positive definite: at input 1 its pivot is -\S+ of \S+ on the diagonal \(condition about \S+\) \(a.weight\)/,
    );
  });

  it("where an input is 0 in all data", async () => {
    const here = join(folder, "dead");
    const { set } = writeGramCase({ folder: here, shapes, models: 2 });
    for (const t of [0, 1]) writeSafetensors(statisticsPath(here, t), gram([1, 0, 0, 0, 0, 0, 0, 0, 1]));
    await expect(
      engine.merge({ set, output: bareOutput(here), statistics: false }, quietContext),
    ).rejects.toMatchObject({
      code: "gram-not-positive-definite",
      details: { where: "a.weight", index: 1, condition: "infinite" },
    });
  });
});
