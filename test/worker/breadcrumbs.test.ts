/** Model Breadcrumbs against sorting, entry by entry. */
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { bandShares } from "../../src/engine/merge/breadcrumbs";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import type { FloatDtype, MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, type MergeCase } from "../fixtures/mergeCase";
import { expectSameBytes, mergedTensors, METHOD_SHAPES, writeMethodCase } from "../fixtures/methodCase";
import { naiveStatistics } from "../fixtures/naiveStatistics";
import { naiveTies, type NaiveMasks } from "../fixtures/naiveTies";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

// Steps of 1/4: many entries are of one magnitude, and what of them stays is told by their index.
const writeCase = (
  here: string,
  input: Partial<MergeSetInput>,
  options: { weights?: number[]; dtype?: FloatDtype } = {},
): MergeCase => writeMethodCase(here, input, { shapes, step: 1 / 4, ...options });

const shapes = { ...METHOD_SHAPES, "layers.1.a": [1, 3, 5000] };

/** The magnitudes in order, the largest first and of equal ones the first: γ·n are dropped, density·n are kept. */
const masksOf = ({ models, gamma }: MergeSet, tensors: MergeCase["tensors"]): NaiveMasks =>
  new Map(
    tensors.map(({ name, base, models: values, wide }) => [
      name,
      values.map((model, t) => {
        const tau = model.map((x, i) => Math.abs(wide ? x - base[i]! : Math.fround(x - base[i]!)));
        const order = tau.map((_, i) => i).sort((a, b) => tau[b]! - tau[a]! || a - b);
        const keep = Math.floor(tau.length * models[t]!.density);
        const top = Math.min(Math.floor(tau.length * gamma), tau.length - keep);
        const chosen = new Set(order.slice(top, top + keep));
        return tau.map((_, i) => chosen.has(i));
      }),
    ]),
  );

/** Nothing is divided. */
const naive = (set: MergeSet, tensors: MergeCase["tensors"]): ReturnType<typeof naiveTies> =>
  naiveTies({ ...set, models: set.models.map((model) => ({ ...model, density: 1 })) }, tensors, masksOf(set, tensors));

describe("Breadcrumbs with an election", () => {
  for (const dtype of ["F32", "F64", "BF16"] as const) {
    for (const [density, gamma] of [
      [0.4, 0.1],
      [0.9, 0.3],
      [0.2, 0],
      [0, 0.5],
    ] as const) {
      it(`keeps ${density} below ${gamma}, ${dtype}`, async () => {
        const here = join(folder, `${dtype}-${density}-${gamma}`);
        const input = { method: "breadcrumbs_ties", density, gamma, lambda: 0.7, outDtype: "F64" } as const;
        const { set, tensors } = writeCase(here, input, { weights: [1, 0.25, 1.7], dtype });
        const result = await mergedTensors(engine, set, here);
        const { theta } = naive(set, tensors);
        for (const { name } of tensors) {
          expect(result(name)).toEqual(theta.get(name));
        }
      });
    }
  }

  it("counts every statistic over what is kept, also in the pass of the merge", async () => {
    const here = join(folder, "statistics");
    const { set, tensors } = writeCase(here, { method: "breadcrumbs_ties", density: 0.4, gamma: 0.1 });
    const report = await engine.inspect({ set }, quietContext);
    const result = naive(set, tensors);
    for (const tensor of report.tensors) {
      const some = tensors.filter(({ name }) => name === tensor.name);
      expect(tensor).toMatchObject(naiveStatistics(result, some));
    }
    expect(report.totals).toMatchObject(naiveStatistics(result, tensors));
    const inMerge = await engine.merge({ set, output: bareOutput(here), statistics: true }, quietContext);
    expect(inMerge.report).toEqual(report);
  });

  it("shows in its pictures what is kept", async () => {
    const here = join(folder, "pictures");
    const input = { method: "breadcrumbs_ties", compat: "mergekit", density: 0.4, gamma: 0.1 } as const;
    const { set, tensors } = writeCase(here, input);
    const { id } = await engine.openInspection({ set }, quietContext);
    const block = await engine.parameters(
      { id, tensor: "layers.0.a", row: 0, column: 0, rows: 5, columns: 30 },
      quietContext,
    );
    const { kept, merged } = naive(set, tensors);
    for (let at = 0; at < 150; at++) {
      expect(block.merged[at]).toBe(merged.get("layers.0.a")![at]);
      for (let t = 0; t < 3; t++) expect(block.kept[t * 150 + at]).toBe(kept.get("layers.0.a")![t]![at] ? 1 : 0);
    }
    expect(block.ceilings.every((ceiling, t) => ceiling >= block.thresholds[t]! && ceiling < Infinity)).toBe(true);
    await engine.closeInspection({ id }, quietContext);
  });
});

it("adds what is kept to the base without one", async () => {
  const here = join(folder, "linear");
  const weights = [1, -0.5, 0.3];
  const input = { method: "breadcrumbs", density: 0.3, gamma: 0.05, lambda: 0.4 } as const;
  const { set, tensors } = writeCase(here, input, { weights });
  const result = await mergedTensors(engine, set, here);
  const f32 = Math.fround;
  const masks = masksOf(set, tensors);
  for (const { name, base, models } of tensors) {
    const expected = base.map((x, i) => {
      const sum = models.reduce((all, model, t) => {
        const kept = masks.get(name)![t]![i] ? f32(model[i]! - x) : 0;
        return f32(all + f32(kept * f32(weights[t]!)));
      }, 0);
      return f32(x + f32(f32(0.4) * sum));
    });
    expect(result(name)).toEqual(expected);
  }
});

it("finds shares that exact trimming turns into the counts that are meant", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, density, gamma) => {
        const keep = Math.floor(n * density);
        const top = Math.min(Math.floor(n * gamma), n - keep);
        const { kept, outliers } = bandShares(n, density, gamma);
        expect([Math.floor(n * kept), Math.floor(n * outliers)]).toEqual([keep + top, top]);
      },
    ),
  );
});

it("gives the same bytes and the same report for any threads and memory", async () => {
  await expectSameBytes(join(folder, "same"), { method: "breadcrumbs_ties", density: 0.3 }, { step: 1 / 4 });
}, 60_000);
