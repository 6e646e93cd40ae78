/** DELLA against its formula: ranks by sorting each row, and the draws of its seed. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { dropAndRescale, randomMasks } from "../../src/engine/merge/randomMask";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { quietContext, type MergeCase } from "../fixtures/mergeCase";
import { expectSameBytes, mergedTensors, METHOD_SHAPES, writeMethodCase } from "../fixtures/methodCase";
import { naiveStatistics } from "../fixtures/naiveStatistics";
import { naiveTies, type NaiveMasks, type NaiveTensor } from "../fixtures/naiveTies";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

/** Rows of three entries and of one, of fifty entries in two dimensions, and a vector. */
const shapes: Record<string, number[]> = { ...METHOD_SHAPES, narrow: [50, 3], column: [9, 1] };

const f32 = Math.fround;

/** p of every entry of a task vector, row by row: the rank among magnitudes, of equal ones the first as the smaller. */
function probabilities(tau: readonly number[], row: number, density: number, epsilon: number): number[] {
  return tau.map((_, at) => {
    const begin = at - (at % row);
    const mine = tau.slice(begin, begin + row).map(Math.abs);
    const own = mine[at - begin]!;
    const rank = mine.filter((x, i) => x < own || (x === own && i < at - begin)).length;
    if (density === 0 || density === 1) return density;
    return density - epsilon + 2 * epsilon * (row === 1 ? 1 / 2 : rank / (row - 1));
  });
}

interface Drawn {
  masks: NaiveMasks;
  /** p by tensor, model and entry. */
  chances: Map<string, number[][]>;
}

/** An entry is kept where DARE with its probability as density keeps it. */
function drawn({ seed, epsilon = NaN, models }: MergeSet, tensors: readonly NaiveTensor[]): Drawn {
  const chances = new Map<string, number[][]>();
  const masks: NaiveMasks = new Map();
  for (const { name, base, models: values, wide } of tensors) {
    const shape = shapes[name]!;
    const row = shape.length < 2 ? base.length : base.length / shape[0]!;
    const chance = values.map((model, t) => {
      const tau = model.map((x, i) => (wide ? x - base[i]! : f32(x - base[i]!)));
      return probabilities(tau, row, models[t]!.density, epsilon);
    });
    chances.set(name, chance);
    masks.set(
      name,
      chance.map((all, t) =>
        all.map((p, at) => {
          const out = new Float64Array(1);
          const mask = randomMasks(seed, name, [...new Array<number>(t).fill(1), p])[t]!;
          dropAndRescale(new Float64Array(1).fill(1), 1, mask, at, out);
          return out[0] !== 0;
        }),
      ),
    );
  }
  return { masks, chances };
}

/** Models whose task vectors are what DELLA keeps, divided by p: TIES of them without a trim is DELLA. */
function naive(set: MergeSet, tensors: MergeCase["tensors"]): ReturnType<typeof naiveTies> {
  const { masks, chances } = drawn(set, tensors);
  const pruned = tensors.map((tensor) => {
    const r = tensor.wide ? (x: number) => x : f32;
    return {
      ...tensor,
      models: tensor.models.map((model, t) =>
        model.map((x, i) =>
          masks.get(tensor.name)![t]![i] ? r(r(x - tensor.base[i]!) / r(chances.get(tensor.name)![t]![i]!)) : 0,
        ),
      ),
      base: tensor.base.map(() => 0),
    };
  });
  const all = { ...set, models: set.models.map((model) => ({ ...model, density: 1 })) };
  const result = naiveTies(all, pruned, masks);
  const theta = tensors.map(({ name, base, wide }): [string, number[]] => {
    const r = wide ? (x: number) => x : f32;
    return [name, base.map((x, i) => r(x + r(r(set.lambda) * result.merged.get(name)![i]!)))];
  });
  return { ...result, theta: new Map(theta) };
}

describe("DELLA with an election", () => {
  for (const [compat, dtype] of [
    ["reference", "F32"],
    ["mergekit", "F64"],
    ["peft", "BF16"],
  ] as const) {
    it(`ranks, draws, rescales, elects and merges: ${compat}, ${dtype}`, async () => {
      const here = join(folder, `${compat}-${dtype}`);
      const input = {
        method: "della",
        compat,
        density: 0.4,
        epsilon: 0.3,
        lambda: 0.7,
        seed: 3,
        outDtype: "F64",
      } as const;
      const { set, tensors } = writeMethodCase(here, input, { weights: [1, 0.25, 1.7], dtype, shapes });
      const merged = await mergedTensors(engine, set, here);
      const { theta } = naive(set, tensors);
      for (const { name } of tensors) expect(merged(name)).toEqual(theta.get(name));
    });
  }

  it("keeps about the density, and of the largest entries more than of the smallest", async () => {
    const here = join(folder, "shares");
    const input = { method: "della", density: 0.5, epsilon: 0.4 } as const;
    const { set, tensors } = writeMethodCase(here, input, { shapes: { a: [50, 400] }, step: 2 ** -12 });
    const { totals } = await engine.inspect({ set }, quietContext);
    const [{ base, models }] = tensors as [NaiveTensor];
    const changed = models[0]!.filter((x, i) => x !== base[i]).length;
    const kept = totals.models[0]!.kept;
    // Entries that did not change have the lowest places, and are not counted as kept.
    expect(kept / changed).toBeGreaterThan(0.5);
    expect(kept / 20_000).toBeLessThan(0.5);
  });

  it("counts every statistic over what was drawn, also in the pass of the merge", async () => {
    const here = join(folder, "statistics");
    const { set, tensors } = writeMethodCase(here, { method: "della", density: 0.4 }, { shapes });
    const report = await engine.inspect({ set }, quietContext);
    const result = naive(set, tensors);
    for (const tensor of report.tensors) {
      const some = tensors.filter(({ name }) => name === tensor.name);
      const { overlap, elected, conflict } = naiveStatistics(result, some) as Partial<typeof tensor>;
      expect(tensor).toMatchObject({ overlap, elected, conflict });
      expect(tensor.models.map(({ threshold }) => threshold)).toEqual([null, null, null]);
    }
  });

  it("shows in its pictures what was drawn and what it was divided by, from the middle of rows", async () => {
    const here = join(folder, "pictures");
    const input = { method: "della", compat: "mergekit", density: 0.4, seed: 9 } as const;
    const { set, tensors } = writeMethodCase(here, input, { shapes });
    const { id } = await engine.openInspection({ set }, quietContext);
    const request = { tensor: "layers.0.a", row: 3, column: 2, rows: 7, columns: 20 };
    const block = await engine.parameters({ id, ...request }, quietContext);
    const { kept, merged, theta } = naive(set, tensors);
    const { chances } = drawn(set, tensors);
    for (let cell = 0; cell < 140; cell++) {
      const at = (3 + Math.floor(cell / 20)) * 30 + 2 + (cell % 20);
      expect(block.merged[cell]).toBe(merged.get(request.tensor)![at]);
      expect(block.result[cell]).toBe(theta.get(request.tensor)![at]);
      for (let t = 0; t < 3; t++) {
        expect(block.kept[t * 140 + cell]).toBe(kept.get(request.tensor)![t]![at] ? 1 : 0);
        expect(block.divisors[t * 140 + cell]).toBeCloseTo(chances.get(request.tensor)![t]![at]!, 12);
      }
    }
    await engine.closeInspection({ id }, quietContext);
  });
});

it("adds what is kept to the base without one", async () => {
  const here = join(folder, "linear");
  const weights = [1, -0.5, 0.3];
  const input = { method: "della_linear", density: 0.3, lambda: 0.4 } as const;
  const { set, tensors } = writeMethodCase(here, input, { weights, shapes });
  const merged = await mergedTensors(engine, set, here);
  const { masks, chances } = drawn(set, tensors);
  for (const { name, base, models } of tensors) {
    const expected = base.map((x, i) => {
      const sum = models.reduce((all, model, t) => {
        const kept = masks.get(name)![t]![i] ? f32(f32(model[i]! - x) / f32(chances.get(name)![t]![i]!)) : 0;
        return f32(all + f32(kept * f32(weights[t]!)));
      }, 0);
      return f32(x + f32(f32(0.4) * sum));
    });
    expect(merged(name)).toEqual(expected);
  }
});

it("is DARE where epsilon is 0", async () => {
  const here = join(folder, "dare");
  const { set } = writeMethodCase(here, { method: "della", density: 0.4, epsilon: 0, seed: 5 }, { shapes });
  const della = await mergedTensors(engine, set, here);
  const theirs = Object.keys(shapes).map((name) => della(name));
  const other = join(folder, "dare-itself");
  const dare = await mergedTensors(engine, createMergeSet({ ...set, method: "dare_ties" }), other);
  expect(Object.keys(shapes).map((name) => dare(name))).toEqual(theirs);
});

it("refuses probabilities of 0 and 1, also where layers are between", async () => {
  const models = [{ path: "/a" }];
  const make = (density: number | number[], epsilon?: number) =>
    createMergeSet({ method: "della", base: "/base", models, density, epsilon });
  expect(() => make(0.1)).toThrow("merge-set-invalid");
  expect(() => make(0.8, 0.2)).toThrow("merge-set-invalid");
  expect(make(1).epsilon).toBe(0.15);
  const here = join(folder, "gradient");
  const layers = Object.fromEntries([0, 1, 2, 3].map((layer) => [`layers.${layer}.a`, [10]]));
  const { set } = writeMethodCase(here, { method: "della", density: [0.8, 1] }, { shapes: layers });
  await expect(mergedTensors(engine, set, here)).rejects.toMatchObject({
    code: "epsilon-too-large",
    details: { where: "layers.1.a", epsilon: 0.15 },
  });
});

it("gives the same bytes and the same report for any threads and memory", async () => {
  // One row of a million entries is held.
  await expectSameBytes(join(folder, "same"), { method: "della", density: 0.3, seed: 5 }, {}, 210 * 2 ** 20);
}, 60_000);
