import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import type { MergeError } from "../../src/protocol/errors";
import { describeError } from "../../src/protocol/errorText";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { readTensor, readTensorBytes } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

let cases = 0;

const floats = (values: number[], shape = [values.length], dtype: "F32" | "F16" | "F64" = "F32") => ({
  dtype,
  shape,
  values,
});
const integers = (values: number[]) => ({
  dtype: "I64",
  shape: [values.length],
  bytes: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
});

/** Merges checkpoints of these tensors; gives the output's path, or throws. */
async function merge(
  base: FixtureTensors,
  models: FixtureTensors[],
  input: Partial<MergeSetInput> = {},
): Promise<{ out: string; nonFinite: number; baseNonFinite: number }> {
  const here = join(folder, String(cases++));
  const write = (name: string, tensors: FixtureTensors): string => {
    writeSafetensors(join(here, `${name}.safetensors`), tensors);
    return join(here, `${name}.safetensors`);
  };
  const set = createMergeSet({
    base: write("base", base),
    models: models.map((tensors, t) => ({ path: write(`m${t}`, tensors), weight: input.models?.[t]?.weight })),
    density: 1,
    ...(({ models: _, ...rest }) => rest)(input as MergeSetInput),
  });
  const output = bareOutput(here);
  try {
    const { nonFinite, baseNonFinite } = await engine.merge({ set, output, statistics: false }, quietContext);
    return { out: output.out, nonFinite, baseNonFinite };
  } catch (error) {
    expect(existsSync(output.out)).toBe(false);
    // Nor anything to resume: the same would be refused again.
    expect(readdirSync(here)).toHaveLength(1 + models.length);
    throw error;
  }
}

const message = async (work: Promise<unknown>): Promise<string> => {
  const error = (await work.then(
    () => {
      throw new Error("did not fail");
    },
    (thrown: unknown) => thrown,
  )) as MergeError;
  return `${error.code}: ${describeError(error)}`;
};

describe("a merge refuses, naming what and where,", () => {
  it("shapes that differ: model, tensor and both shapes", async () => {
    const text = await message(
      merge({ "a.weight": floats([1, 2, 3, 4], [2, 2]) }, [{ "a.weight": floats([1, 2, 3, 4, 5, 6], [3, 2]) }]),
    );
    expect(text).toContain("m0: a.weight is [3, 2], in the base [2, 2]");
  });

  it("missing and extra tensors, up to ten by name and then a count", async () => {
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`extra.${i}`, floats([1])]));
    const text = await message(merge({ a: floats([1]), b: floats([1]) }, [{ a: floats([1]), ...many }]));
    expect(text).toContain(
      "Not all checkpoints have the same tensors: m0 has no b; m0 has extra.0, which the base has not",
    );
    expect(text).toContain("and 4 more");
  });

  it("a float where the base has an integer", async () => {
    expect(await message(merge({ a: integers([1]) }, [{ a: floats([1, 2].slice(1), [1], "F64") }]))).toContain(
      "m0: a is F64, in the base I64",
    );
  });

  it("NaN in a model: tensor, index and position", async () => {
    const text = await message(merge({ a: floats([1, 2, 3, 4], [2, 2]) }, [{ a: floats([1, 2, 3, NaN], [2, 2]) }]));
    expect(text).toMatch(/^non-finite: m0 has NaN or Inf at index 3 \[1, 1\] \(a\)\./);
  });

  it("Inf in the base", async () => {
    const text = await message(
      merge({ a: floats([1, Infinity]) }, [{ a: floats([1, 2]) }], { method: "task_arithmetic" }),
    );
    expect(text).toMatch(/^non-finite: the base has NaN or Inf at index 1 \[1\] \(a\)\./);
  });

  it("a result that its dtype cannot hold", async () => {
    const text = await message(
      merge({ a: floats([60000], [1], "F16") }, [{ a: floats([65000], [1], "F16") }], { lambda: 3 }),
    );
    expect(text).toMatch(/^result-overflow: .*index 0 \[0\] does not fit F16 \(a\)\./);
  });

  it("integer tensors that differ", async () => {
    const text = await message(
      merge({ a: floats([1]), ids: integers([1, 2]) }, [{ a: floats([2]), ids: integers([1, 3]) }]),
    );
    expect(text).toMatch(/^carried-differs: m0 has other values than the base in this I64 tensor.*\(ids\)\./);
  });

  it("weights that cancel among those that agree", async () => {
    const base = { a: floats([0, 0]) };
    const set = merge(base, [{ a: floats([1, 1]) }, { a: floats([1, -1]) }], {
      models: [
        { path: "", weight: 1 },
        { path: "", weight: -1 },
      ],
    });
    expect(await message(set)).toMatch(/^weights-cancel: .*index 1 \[1\] \(a\)\./);
  });

  it("less memory than one thread needs", async () => {
    const small = createEngine({ threads: 1, memoryLimit: 2 ** 20 });
    const path = join(folder, "memory.safetensors");
    writeSafetensors(path, { a: floats([1]) });
    const other = join(folder, "memory2.safetensors");
    writeSafetensors(other, { a: floats([1]) });
    const set = createMergeSet({ base: path, models: [{ path: other }] });
    const text = await message(small.plan({ set, output: bareOutput(folder, "m") }, quietContext));
    expect(text).toMatch(/^memory-too-small: .*needs \d+ MiB/);
    await small.close();
  });
});

describe("a merge takes the base's", () => {
  it("value where an input is not finite, and says how often", async () => {
    const { out, nonFinite, baseNonFinite } = await merge(
      { a: floats([1, 2, Infinity, 4]) },
      [{ a: floats([2, NaN, 3, 5]) }, { a: floats([2, 4, 3, NaN]) }],
      { nonFinite: "keep-base" },
    );
    expect(readTensor(out, "a")).toEqual([2, 4, Infinity, 5]);
    expect(nonFinite).toBe(3);
    expect(baseNonFinite).toBe(1);
  });

  it("integer tensor under non_float: base", async () => {
    const { out } = await merge(
      { a: floats([1]), ids: integers([1, 2]) },
      [{ a: floats([2]), ids: integers([1, 3]) }],
      {
        nonFloat: "base",
      },
    );
    expect([...readTensorBytes(out, "ids").bytes]).toEqual([...integers([1, 2]).bytes]);
  });

  it("tensors that are excluded, whatever the models have there", async () => {
    const { out } = await merge({ a: floats([1]), "head.weight": floats([7]) }, [{ a: floats([2]) }], {
      exclude: ["head.*"],
    });
    expect(readTensor(out, "a")).toEqual([2]);
    expect(readTensor(out, "head.weight")).toEqual([7]);
  });
});
