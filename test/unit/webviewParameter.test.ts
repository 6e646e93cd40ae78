/** One parameter's explanation: who agrees, what is divided by what, in every set of rules. */
import { expect, test } from "vitest";
import type { MergeSet, TiesRules } from "../../src/protocol/mergeSet";
import { PRESETS, SCE_RULES } from "../../src/protocol/mergeSet";
import { parameterAt, type ParameterValues } from "../../webview/plot/parameterAt";
import { signColor, valueColor } from "../../webview/plot/blend";
import { niceCeiling, typicalLargest } from "../../webview/plot/valueScale";
import { explainParameter } from "../../webview/text/explainParameter";
import { rankOf } from "../../webview/text/rank";
import { formatCount, formatShare, formatSigned, formatWeight } from "../../webview/text/numbers";

const set = (rules: Partial<TiesRules>): Pick<MergeSet, "method" | "rules"> => ({
  method: "ties",
  rules: { ...PRESETS.reference, ...rules },
});
const values = (
  taus: number[],
  elected: number,
  merged: number,
  weights = taus.map(() => 1),
  normalize = true,
): ParameterValues => ({
  row: 0,
  column: 0,
  base: 1,
  models: taus.map((taskVector, t) => {
    const kept = Math.abs(taskVector) >= 1;
    const keptValue = kept ? taskVector : 0;
    return {
      taskVector,
      kept,
      keptValue,
      lost: false,
      threshold: 1,
      ceiling: Infinity,
      weight: weights[t]!,
      density: 0.2,
    };
  }),
  elected,
  merged,
  result: 0,
  lambda: 2,
  normalize,
  outDtype: "F32",
  estimated: false,
});

test("kept entries that agree are averaged, the others are outvoted, trimmed ones take no part", () => {
  const explained = explainParameter(values([3, -1, 0.5, 2], 1, 2.5), set({}));
  expect(explained.kept).toEqual([0, 1, 3]);
  expect([explained.electionSum, explained.positive, explained.negative, explained.conflict]).toEqual([4, 2, 1, true]);
  expect(explained.agreeing.map(({ model }) => model)).toEqual([0, 3]);
  expect(explained.outvoted.map(({ model }) => model)).toEqual([1]);
  expect([explained.divisor, explained.scaled, explained.unrounded]).toEqual([2, 5, 6]);
});

test("of SCE the shares of the models weigh what agrees and divide it, and do not vote", () => {
  const explained = explainParameter(values([3, -4, 2], 1, 0, [0.5, 0.3, 0.2]), { method: "sce", rules: SCE_RULES });
  expect(explained.electionSum).toBe(1);
  expect(explained.agreeing.map(({ weight }) => weight)).toEqual([0.5, 0.2]);
  expect(explained.divisor).toBeCloseTo(0.7, 12);
});

test("weights before the election turn votes and divide; after it they only weigh the sum", () => {
  const taus = values([3, -2], -1, 0, [0.5, 1]);
  const before = explainParameter(taus, set({ weights: "before" }));
  expect([before.electionSum, before.divisor]).toEqual([-0.5, 1]);
  expect(before.agreeing).toEqual([{ model: 1, weight: 1, taskVector: -2 }]);
  const after = explainParameter(values([3, -2], 1, 0, [0.5, 1], false), set({ weights: "after" }));
  expect([after.electionSum, after.divisor]).toEqual([1, 1]);
  expect(after.agreeing).toEqual([{ model: 0, weight: 0.5, taskVector: 3 }]);
  expect(explainParameter(taus, set({ merge: "sum" })).divisor).toBe(1);
});

test("the tensor's own weights, λ and normalize count, and averaging is told beside them", () => {
  const own = values([3, 2, -1], 1, 4, [0.5, 1, 2], false);
  const explained = explainParameter({ ...own, lambda: 0.25 }, set({ normalize: true }));
  expect([explained.divisor, explained.scaled, explained.unrounded]).toEqual([1, 1, 2]);
  expect(explained.averageMove).toBeCloseTo(4 / 3, 12);
  expect(explained.average).toBeCloseTo(7 / 3, 12);
  expect([explained.weightedSum, explained.weightTotal]).toEqual([1.5, 1]);
  expect(explainParameter({ ...own, normalize: true }, set({})).divisor).toBe(1.5);
});

test("a rank is the share that is surely smaller, and the share that cannot be told apart", () => {
  const own = {
    lowest: Float64Array.from([0, 1, 4]),
    highest: Float64Array.from([0.5, 2, 8]),
    counts: Float64Array.from([60, 30, 10]),
  };
  const counts = { tensor: "w", elements: 100, models: [own] };
  expect(rankOf(counts, 0, -1.5)).toEqual({ below: 0.6, near: 0.3 });
  expect(rankOf(counts, 0, 0)).toEqual({ below: 0, near: 0.6 });
  expect(rankOf(counts, 0, 7.9)).toEqual({ below: 0.9, near: 0.1 });
  expect([rankOf(counts, 0, 3), rankOf(counts, 0, 9), rankOf(counts, 1, 1)]).toEqual([null, null, null]);
});

test("frequency counts signs; entries that cancel are said to", () => {
  expect(explainParameter(values([9, -1, -1], -1, -1), set({ signConsensus: "frequency" })).electionSum).toBe(-1);
  expect(explainParameter(values([2, -2], -1, -2), set({})).cancelled).toBe(true);
  expect(explainParameter(values([0.1, 0.2], 0, 0), set({}))).toMatchObject({
    kept: [],
    cancelled: false,
    agreeing: [],
  });
});

test("a parameter is found in its block, and only there", () => {
  const block = {
    tensor: "w",
    row: 32,
    column: 64,
    rows: 2,
    columns: 3,
    models: 2,
    base: Float64Array.from([0, 1, 2, 3, 4, 5]),
    taskVectors: Float64Array.from([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]),
    kept: Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    lost: new Uint8Array(12),
    thresholds: Float64Array.from([1, Infinity]),
    ceilings: Float64Array.from([7, Infinity]),
    divisors: Float64Array.from([...new Array<number>(6).fill(0.5), ...new Array<number>(6).fill(1)]),
    elected: Int8Array.from([0, 0, 0, 0, 0, -1]),
    merged: new Float64Array(6),
    result: new Float64Array(6),
    weights: Float64Array.from([1, 0.5]),
    densities: Float64Array.from([0.2, 0.2]),
    lambda: 1,
    normalize: true,
    outDtype: "F32",
  };
  expect(parameterAt(block, { row: 33, column: 66 })).toMatchObject({
    base: 5,
    elected: -1,
    models: [
      { taskVector: 5, kept: true, keptValue: 10, threshold: 1, ceiling: 7 },
      { taskVector: 15, kept: false, keptValue: 0, threshold: Infinity },
    ],
  });
  expect(parameterAt(block, { row: 34, column: 64 })).toBeNull();
  expect(parameterAt(block, { row: 33, column: 63 })).toBeNull();
});

test("colours: pure signs, their mix, conflict over both, the ground for nothing", () => {
  const palette = {
    background: [0, 0, 0],
    positive: [200, 100, 0],
    negative: [0, 100, 200],
    conflict: [100, 0, 100],
  } as const;
  expect(signColor(1, 0, 0, palette)).toEqual([200, 100, 0]);
  expect(signColor(0.25, 0, 0, palette)).toEqual([100, 50, 0]);
  expect(signColor(0.5, 0.5, 0, palette)).toEqual([100, 100, 100]);
  expect(signColor(1, 0, 1, palette)).toEqual([100, 0, 100]);
  expect(signColor(0, 0, 0, palette)).toEqual([0, 0, 0]);
  expect(valueColor(-4, 4, palette)).toEqual([0, 100, 200]);
  expect(valueColor(1, 4, palette)).toEqual([100, 50, 0]);
  expect(valueColor(Number.NaN, 4, palette)).toEqual([0, 0, 0]);
});

test("the scale's end is round, above what is typical, and not set by an outlier", () => {
  expect([0.0021, 0.002, 9.5, 0].map(niceCeiling)).toEqual([0.003, 0.002, 10, 0]);
  expect(typicalLargest(Float32Array.from([...Array<number>(99).fill(1), 1e9, 0, Number.NaN]))).toBe(1);
  expect(typicalLargest(new Float32Array(2))).toBe(0);
  const values = Float32Array.from({ length: 999 }, (_, at) => Math.sin(at) ** 9 * (at % 3));
  const sorted = values
    .map(Math.abs)
    .filter((value) => value > 0)
    .sort();
  expect(typicalLargest(values)).toBe(sorted[Math.floor(0.95 * sorted.length)]);
});

test("numbers as people read them", () => {
  expect([0, 99_999, 100_352, 8.03e9].map(formatCount)).toEqual(["0", "99 999", "100 K", "8.03 B"]);
  expect([formatShare(0.2141), formatShare(0.00001), formatShare(null), formatShare(0)]).toEqual([
    "21.4 %",
    "< 0.1 %",
    "–",
    "0.0 %",
  ]);
  expect([formatSigned(-0.0011), formatSigned(0), formatWeight(0.0184326), formatWeight(-1e-9)]).toEqual([
    "−1.10e−3",
    "0",
    "0.0184326",
    "−1.00000e−9",
  ]);
});
