/**
 * Of the 95 % intervals around sampled figures, about 95 in 100 hold the exact figure: over many merge sets, settings
 * and rows, for every family of figures by itself.
 */
import { expect, it } from "vitest";
import { PlainKernels } from "../../../src/engine/kernels/plain";
import { SampleEstimator } from "../../../src/engine/sample/estimator";
import { figuresLength, readFigures } from "../../../src/protocol/sample";
import type { InterferenceStatistics } from "../../../src/protocol/report";
import type { SampleSettings } from "../../../src/engine/sample/sampleCounts";
import type { TiesRules } from "../../../src/protocol/mergeSet";
import { heldTensors, sampleSettings, sceSettings, structuredTensors } from "../../fixtures/heldSet";

const MODELS = 3;
const SEEDS = 12;
/** Of 276 576 entries. */
const SAMPLED = 24_000;

const DEPTH = { tensors: true, margins: true };
const nothing = (): Promise<void> => Promise.resolve();
const kernels = new Map([2, MODELS].map((models) => [models, new PlainKernels(models)]));
const kernelsFor = (models: number): PlainKernels => kernels.get(models) ?? new PlainKernels(models);
const noProblem = (): never => {
  throw new Error("a problem in a sound sample");
};

/** One family a line: what the figures are called, and which they are. */
const FAMILIES: Readonly<Record<string, (row: InterferenceStatistics) => (number | null)[]>> = {
  kept: ({ models }) => models.flatMap(({ kept, positive, negative }) => [kept, positive, negative]),
  norm: ({ models }) => models.map(({ norm }) => norm),
  keptNorm: ({ models }) => models.map(({ keptNorm }) => keptNorm),
  threshold: ({ models }) => models.map(({ threshold }) => threshold),
  lost: ({ models }) => models.map(({ lost }) => lost),
  lostMass: ({ models }) => models.map(({ lostMass }) => lostMass),
  overlap: ({ overlap }) => overlap,
  conflict: ({ conflict }) => [conflict],
  conflictBefore: ({ conflictBefore }) => [conflictBefore],
  elected: ({ elected }) => [elected.positive, elected.negative, elected.cancelled],
  agreement: ({ agreement }) => [agreement],
  mergedNorm: ({ mergedNorm }) => [mergedNorm],
  meanNorm: ({ meanNorm }) => [meanNorm],
  cosine: ({ pairs }) => pairs.map(({ cosine }) => cosine),
  pairs: ({ pairs }) => pairs.flatMap(({ bothKept, disagree }) => [bothKept, disagree]),
};

type Setting = (tensors: number) => SampleSettings;

const all =
  (density: number, rules: Partial<TiesRules>, masks: SampleSettings["masks"] = null): Setting =>
  (tensors) =>
    sampleSettings(tensors, MODELS, density, rules, masks);

const LARGEST: readonly Setting[] = [
  all(0.2, {}),
  all(0.05, { signConsensus: "frequency", trimTies: "exact", zeroSign: "positive" }),
  all(0.5, { trimScope: "tensor" }),
  all(0.3, { trimScope: "tensor", trimTies: "exact" }),
];
const MASKED: readonly Setting[] = [
  all(0.3, {}, { kind: "drawn", seed: 5 }),
  all(0.4, { trimScope: "tensor", trimTies: "exact" }, { kind: "band", gamma: 0.03 }),
];
const VARIED: readonly Setting[] = [
  (tensors) => sceSettings(tensors, [0, 1, 2], 0.2),
  (tensors) => sceSettings(tensors, [0, 1, 2], 0.6),
  (tensors) => sceSettings(tensors, [0, 2], 0.4),
  (tensors) => sceSettings(tensors, [1, 2], 1),
];

type Scope = "whole model" | "layers" | "tensors";
type Counts = Map<string, { hits: number; all: number }>;

function count(
  inside: Counts,
  scope: Scope,
  exact: InterferenceStatistics,
  sampled: InterferenceStatistics,
  margin: InterferenceStatistics,
) {
  for (const [family, of] of Object.entries(FAMILIES)) {
    const [truths, figures, margins] = [of(exact), of(sampled), of(margin)];
    const key = `${family}, ${scope}`;
    const seen = inside.get(key) ?? { hits: 0, all: 0 };
    inside.set(key, seen);
    truths.forEach((truth, at) => {
      const [figure, half] = [figures[at], margins[at]];
      if (truth === null || figure === null || half === null) return;
      seen.all++;
      // Sums of floats in another order; margins are float32.
      const slack = 1e-6 * Math.max(1e-30, Math.abs(truth));
      if (Math.abs(truth - figure!) <= half! + slack) seen.hits++;
    });
  }
}

const RANKED: readonly Setting[] = [
  all(0.3, {}, { kind: "drawn", seed: 5, epsilon: 0.15 }),
  all(0.5, { trimScope: "tensor", zeroSign: "positive" }, { kind: "drawn", seed: 6, epsilon: 0.4 }),
  (tensors) => ({
    ...sampleSettings(tensors, 2, 0.6, {}, { kind: "drawn", seed: 7, epsilon: 0.3 }),
    members: [0, 2],
  }),
];

/** Counts how many intervals hold, of the settings of each seed. */
async function counted(settingsOf: (seed: number) => readonly Setting[], hold: typeof heldTensors): Promise<Counts> {
  const inside: Counts = new Map();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const settings = settingsOf(seed);
    if (settings.length === 0) continue;
    const tensors = structuredTensors(seed, MODELS, seed % 2 === 0 ? 2e-4 : 0);
    const { held, plan } = hold(tensors, SAMPLED);
    expect(plan.entries).toBeLessThanOrEqual(SAMPLED);
    const sample = new SampleEstimator(held, kernelsFor, noProblem);
    const whole = new SampleEstimator(heldTensors(tensors, Infinity).held, kernelsFor, noProblem);
    for (const setting of settings) {
      const chosen = setting(tensors.length);
      const models = chosen.members.length;
      const length = figuresLength(models);
      const exact = await whole.figures(chosen, DEPTH, nothing);
      expect(exact.margins.every((margin) => margin === 0)).toBe(true);
      const { figures, margins, groups, places } = await sample.figures(chosen, DEPTH, nothing);
      for (let row = 0; row * length < figures.length; row++) {
        const others = row - 1 - groups.length;
        // A place with one tensor has the same figures once more.
        if (others >= 0 && others < places) continue;
        const scope = row === 0 ? "whole model" : others < 0 ? "layers" : "tensors";
        const at = (from: ArrayLike<number>): InterferenceStatistics => readFigures(from, row * length, models);
        count(inside, scope, at(exact.figures), at(figures), at(margins));
      }
    }
  }
  return inside;
}

function expectToHold(inside: Counts): void {
  const shares = [...inside].map(([name, { hits, all }]) => ({ name, all, share: all > 0 ? hits / all : 1 }));
  const report = shares.map(({ name, all, share }) => `${name}: ${(100 * share).toFixed(1)} % of ${all}`).join("\n");
  if (process.env.SHOW_COVERAGE) console.log(report);
  const [hits, all] = [...inside.values()].reduce(([h, a], one) => [h + one.hits, a + one.all], [0, 0]);
  expect(hits / all, report).toBeGreaterThanOrEqual(0.95);
  // A family by itself has few rows, some of them of one draw: three standard errors of a share of 0.95.
  for (const { name, all: rows, share } of shares) {
    expect(share, `${name}\n${report}`).toBeGreaterThanOrEqual(
      0.95 - 3 * Math.sqrt((0.95 * 0.05) / Math.max(1, rows / 4)),
    );
  }
}

it("hold the exact figures", { timeout: 300_000 }, async () => {
  // Bands go by the plain kernels, which take their time.
  const settingsOf = (seed: number) => (seed % 3 === 0 ? [...LARGEST, ...MASKED] : LARGEST);
  expectToHold(await counted(settingsOf, heldTensors));
});

it("hold the exact figures of what varies most, whichever models take part", { timeout: 300_000 }, async () => {
  expectToHold(await counted(() => VARIED, heldTensors));
});

it(
  "hold the exact figures of what is drawn by rank, in rows read whole and in part",
  { timeout: 300_000 },
  async () => {
    // With a share no more is read than is held.
    const share = SAMPLED / 276_576;
    expectToHold(
      await counted(
        () => RANKED,
        (tensors, most) => heldTensors(tensors, most, share, true),
      ),
    );
    expectToHold(
      await counted(
        () => RANKED,
        (tensors, most) => heldTensors(tensors, most, null, true),
      ),
    );
  },
);
