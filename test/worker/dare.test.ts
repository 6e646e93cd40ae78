/** DARE against its formula, entry by entry, with the masks that its seed draws. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { dropAndRescale, randomMasks } from "../../src/engine/merge/randomMask";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import type { FloatDtype, MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, type MergeCase } from "../fixtures/mergeCase";
import { expectSameBytes, mergedTensors, writeMethodCase } from "../fixtures/methodCase";
import { naiveStatistics } from "../fixtures/naiveStatistics";
import { naiveTies, type NaiveMasks } from "../fixtures/naiveTies";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

interface DareCase extends MergeCase {
  masks: NaiveMasks;
}

function writeDareCase(
  here: string,
  input: Partial<MergeSetInput>,
  options: { weights?: number[]; dtype?: FloatDtype } = {},
): DareCase {
  const { set, tensors } = writeMethodCase(here, input, options);
  return { set, tensors, masks: masksOf(set, tensors) };
}

const masksOf = (set: MergeSet, tensors: MergeCase["tensors"]): NaiveMasks =>
  new Map(
    tensors.map(({ name, base }) => {
      const densities = set.models.map(({ density }) => density);
      const ones = new Float64Array(base.length).fill(1);
      const drawn = randomMasks(set.seed, name, densities).map((mask) => {
        const out = new Float64Array(base.length);
        dropAndRescale(ones, base.length, mask, 0, out);
        return Array.from(out, (value) => value !== 0);
      });
      return [name, drawn];
    }),
  );

describe("DARE-TIES", () => {
  for (const compat of ["reference", "mergekit", "peft"] as const) {
    for (const dtype of ["F32", "F64"] as const) {
      it(`draws, rescales, elects and merges: ${compat}, ${dtype}`, async () => {
        const here = join(folder, `ties-${compat}-${dtype}`);
        const input = { method: "dare_ties", compat, density: 0.4, lambda: 0.7, seed: 3 } as const;
        const test = writeDareCase(here, input, { weights: [1, 0.25, 1.7], dtype });
        const result = await mergedTensors(engine, test.set, here);
        const { theta } = naiveTies(test.set, test.tensors, test.masks);
        for (const { name } of test.tensors) {
          expect(result(name)).toEqual(theta.get(name));
        }
      });
    }
  }

  it("divides by the weights in TIES's preset, and not in mergekit's", () => {
    const input = { method: "dare_ties", base: "/base", models: [{ path: "/a" }] } as const;
    expect(createMergeSet({ ...input, compat: "reference" }).rules.normalize).toBe(true);
    expect(createMergeSet({ ...input, compat: "mergekit" }).rules.normalize).toBe(false);
  });

  it("counts every statistic over what was drawn", async () => {
    const here = join(folder, "statistics");
    const test = writeDareCase(here, { method: "dare_ties", density: 0.4 });
    const report = await engine.inspect({ set: test.set }, quietContext);
    const result = naiveTies(test.set, test.tensors, test.masks);
    const divisors = test.set.models.map(() => Math.fround(0.4));
    for (const tensor of report.tensors) {
      const some = test.tensors.filter(({ name }) => name === tensor.name);
      expect(tensor).toMatchObject(naiveStatistics(result, some, divisors));
      expect(tensor.models.map(({ threshold }) => threshold)).toEqual([null, null, null]);
    }
    expect(report.totals).toMatchObject(naiveStatistics(result, test.tensors, divisors));
    const output = bareOutput(here);
    const { report: inMerge } = await engine.merge({ set: test.set, output, statistics: true }, quietContext);
    expect(inMerge).toEqual(report);
  });

  it("shows in its pictures what was drawn", async () => {
    const here = join(folder, "pictures");
    const test = writeDareCase(here, { method: "dare_ties", compat: "mergekit", density: 0.4, seed: 9 });
    const { id } = await engine.openInspection({ set: test.set }, quietContext);
    const request = { tensor: "layers.0.a", row: 3, column: 2, rows: 7, columns: 20 };
    const block = await engine.parameters({ id, ...request }, quietContext);
    const { kept, merged, theta } = naiveTies(test.set, test.tensors, test.masks);
    for (let cell = 0; cell < 140; cell++) {
      const at = (3 + Math.floor(cell / 20)) * 30 + 2 + (cell % 20);
      expect(block.merged[cell]).toBe(merged.get(request.tensor)![at]);
      expect(block.result[cell]).toBe(theta.get(request.tensor)![at]);
      for (let t = 0; t < 3; t++) expect(block.kept[t * 140 + cell]).toBe(kept.get(request.tensor)![t]![at] ? 1 : 0);
    }
    expect([...block.divisors]).toEqual(new Array<number>(3 * 140).fill(0.4));
    await engine.closeInspection({ id }, quietContext);
  });
});

describe("DARE with task arithmetic", () => {
  for (const normalize of [false, true]) {
    it(`is θ₀ + λ·Σ w·τ·m/d${normalize ? " / Σ w" : ""}`, async () => {
      const here = join(folder, `linear-${normalize}`);
      const weights = [1, -0.5, 0.3];
      const input = { method: "dare_linear", density: 0.3, lambda: 0.4, normalize } as const;
      const { set, tensors, masks } = writeDareCase(here, input, { weights });
      const result = await mergedTensors(engine, set, here);
      const f32 = Math.fround;
      const total = weights.reduce((sum, weight) => f32(sum + f32(weight)), 0);
      for (const { name, base, models } of tensors) {
        const expected = base.map((x, i) => {
          const sum = models.reduce((all, model, t) => {
            const kept = masks.get(name)![t]![i] ? f32(f32(model[i]! - x) / f32(0.3)) : 0;
            return f32(all + f32(kept * f32(weights[t]!)));
          }, 0);
          return f32(x + f32(f32(0.4) * (normalize ? f32(sum / total) : sum)));
        });
        expect(result(name)).toEqual(expected);
      }
    });
  }

  it("is task arithmetic where density is 1", async () => {
    const here = join(folder, "all");
    const { set } = writeDareCase(here, { method: "dare_linear", density: 1, lambda: 0.4 });
    const [all, arithmetic] = [bareOutput(here, "all"), bareOutput(here, "arithmetic")];
    await engine.merge({ set, output: all, statistics: false }, quietContext);
    const other = createMergeSet({ ...set, method: "task_arithmetic" });
    await engine.merge({ set: other, output: arithmetic, statistics: false }, quietContext);
    expect(readFileSync(all.out).equals(readFileSync(arithmetic.out))).toBe(true);
  });
});

it("gives the same bytes and the same report for any threads and memory", async () => {
  await expectSameBytes(join(folder, "same"), { method: "dare_ties", density: 0.3, seed: 5 });
}, 60_000);
