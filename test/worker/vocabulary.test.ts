/** Vocabularies of different sizes: refused with their rows, or merged in the rows that all have. */
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import type { FloatDtype, MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { unpackTensors } from "../../src/protocol/tensorTable";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { readTensor, readTensorBytes } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors, type FixtureTensors } from "../fixtures/writeCheckpoint";
import { messageOf } from "../fixtures/messageOf";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

let cases = 0;
const EMBEDDING = "model.embed_tokens.weight";
const WIDTH = 3;

const rows = (count: number, value: (index: number) => number, dtype: FloatDtype = "F32") => ({
  dtype,
  shape: [count, WIDTH],
  values: Array.from({ length: count * WIDTH }, (_, i) => value(i)),
});

function setOf(base: FixtureTensors, models: FixtureTensors[], input: Partial<MergeSetInput> = {}) {
  const here = join(folder, String(cases++));
  const write = (name: string, tensors: FixtureTensors): string => {
    const path = join(here, `${name}.safetensors`);
    writeSafetensors(path, tensors);
    return path;
  };
  const set = createMergeSet({
    method: "task_arithmetic",
    base: write("base", base),
    ...input,
    models: models.map((tensors, t) => ({ path: write(`m${t}`, tensors) })),
  });
  return { set, output: bareOutput(here) };
}

async function merged({ set, output }: { set: MergeSet; output: ReturnType<typeof bareOutput> }): Promise<string> {
  await engine.merge({ set, output, statistics: false }, quietContext);
  return output.out;
}

describe("vocabularies of different sizes", () => {
  const base = {
    [EMBEDDING]: rows(4, (i) => i),
    "model.norm.weight": { dtype: "F32" as const, shape: [1], values: [1] },
  };
  const longer = { ...base, [EMBEDDING]: rows(6, (i) => i + 1) };
  const shorter = { ...base, [EMBEDDING]: rows(3, (i) => i + 2) };

  it("are refused with the tensor and the rows, and what to do", async () => {
    const { set, output } = setOf(base, [longer, shorter]);
    const text = await messageOf(engine.plan({ set, output }, quietContext));
    expect(text).toContain(
      `vocabulary-differs: The vocabularies have different sizes: m0: ${EMBEDDING} has 6 rows, in the base 4 ` +
        `(rows 4 to 5 are not in the base); m1: ${EMBEDDING} has 3 rows, in the base 4 (row 3 is in the base alone)`,
    );
    expect(text).toContain("--vocab common");
  });

  it("are merged in the rows that all have; the base keeps its others and its shape", async () => {
    const job = setOf(base, [longer, shorter], { vocab: "common" });
    const { notes } = await engine.plan(job, quietContext);
    expect(notes).toEqual([`${EMBEDDING}: the first 3 rows are merged, which all have; row 3 is the base's`]);
    const out = await merged(job);
    expect(readTensor(out, EMBEDDING)).toEqual([...Array.from({ length: 9 }, (_, i) => i + 3), 9, 10, 11]);
    expect(readTensorBytes(out, EMBEDDING).shape).toEqual([4, WIDTH]);
  });

  it("are counted by the rows that are merged", async () => {
    const { set } = setOf(base, [longer, shorter], { method: "ties", density: 1, vocab: "common" });
    const report = await engine.inspect({ set }, quietContext);
    expect(report.tensors.map(({ name, shape, elements }) => [name, shape, elements])).toEqual([
      [EMBEDDING, [3, WIDTH], 9],
      ["model.norm.weight", [1], 1],
    ]);
    expect(report.notes).toHaveLength(1);
  });

  it("are drawn in the rows that are merged", async () => {
    const { set } = setOf(base, [longer, shorter], { method: "ties", density: 1, vocab: "common" });
    const { id, tensors, notes } = await engine.openInspection({ set }, quietContext);
    expect(unpackTensors(tensors).find(({ name }) => name === EMBEDDING)?.shape).toEqual([3, WIDTH]);
    expect(notes).toHaveLength(1);
    await engine.closeInspection({ id }, quietContext);
  });

  it("keep the base's rows in the dtype of the output, rounded once", async () => {
    const fine = { [EMBEDDING]: rows(3, () => 1 + 2 ** -9, "F32") };
    const out = await merged(
      setOf(fine, [{ [EMBEDDING]: rows(2, () => 1, "F32") }], { vocab: "common", outDtype: "BF16" }),
    );
    expect(readTensor(out, EMBEDDING)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(readTensorBytes(out, EMBEDDING).bytes).toHaveLength(18);
  });

  it("refuse NaN and overflow in the base's other rows, with the index in the whole tensor", async () => {
    const one = { [EMBEDDING]: rows(2, () => 1) };
    const nan = setOf({ [EMBEDDING]: rows(4, (i) => (i === 10 ? NaN : 1)) }, [one], { vocab: "common" });
    expect(await messageOf(merged(nan))).toMatch(/^non-finite: the base has NaN or Inf at index 10 \[3, 1\]/);
    const large = setOf({ [EMBEDDING]: rows(4, () => 1e6) }, [one], {
      vocab: "common",
      outDtype: "F16",
      include: [EMBEDDING],
    });
    expect(await messageOf(merged(large))).toMatch(/^result-overflow: /);
  });

  it("stay a mismatch in the width, and in tensors that are no vocabulary", async () => {
    const wide = setOf({ [EMBEDDING]: rows(4, (i) => i) }, [{ [EMBEDDING]: { ...rows(3, () => 0), shape: [1, 9] } }], {
      vocab: "common",
    });
    expect(await messageOf(engine.plan(wide, quietContext))).toMatch(
      /^tensors-mismatch: .*is \[1, 9\], in the base \[4, 3\]/,
    );
    const other = setOf({ "model.up.weight": rows(4, (i) => i) }, [{ "model.up.weight": rows(3, (i) => i) }], {
      vocab: "common",
    });
    expect(await messageOf(engine.plan(other, quietContext))).toMatch(/^tensors-mismatch: /);
  });

  it("give what merging the common rows alone gives", async () => {
    const count = fc.integer({ min: 1, max: 40 });
    const noise = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 7, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(
        count,
        fc.array(count, { minLength: 1, maxLength: 3 }),
        noise,
        fc.constantFrom<NonNullable<MergeSetInput["compat"]>>("reference", "mergekit", "peft"),
        async (own, others, values, compat) => {
          const head = "lm_head.weight";
          const common = Math.min(own, ...others);
          const value = (t: number) => (i: number) => values[(i * (t + 2)) % 7] / 4;
          const input = { method: "ties" as const, compat, density: 0.5 };
          const whole = await merged(
            setOf(
              { [head]: rows(own, value(0)) },
              others.map((size, t) => ({ [head]: rows(size, value(t + 1)) })),
              { ...input, vocab: "common" },
            ),
          );
          const part = await merged(
            setOf(
              { [head]: rows(common, value(0)) },
              others.map((_, t) => ({ [head]: rows(common, value(t + 1)) })),
              input,
            ),
          );
          const kept = rows(own, value(0)).values.slice(common * WIDTH);
          expect(readTensor(whole, head)).toEqual([...readTensor(part, head), ...kept]);
        },
      ),
      { numRuns: 15 },
    );
  });
});
