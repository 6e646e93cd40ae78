import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { type Compat, PRESETS, type TiesRules } from "../../src/protocol/mergeSet";
import { createEngine, type Engine } from "../../src/worker/engine";
import { naiveTies, type NaiveTensor } from "../fixtures/naiveTies";
import { readTensor } from "../fixtures/readTensor";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const folder = mkdtempSync(join(tmpdir(), "ties-naive-"));
let engine: Engine;
beforeAll(() => {
  engine = createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const context = { signal: new AbortController().signal, progress: () => undefined };
let run = 0;

/** Few different magnitudes (so that ties are the rule), zeros of both signs, subnormals, huge values. */
const hostile = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, 2, -2, 1e-45, -1e-45, 1e-40, 3e37, -3e37).map(Math.fround),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) }),
);
const models = fc.integer({ min: 1, max: 5 });
const tensors = models.chain((n) =>
  fc.array(
    fc.integer({ min: 0, max: 24 }).chain((size) =>
      fc.record({
        base: fc.array(hostile, { minLength: size, maxLength: size }),
        models: fc.array(fc.array(hostile, { minLength: size, maxLength: size }), { minLength: n, maxLength: n }),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  ),
);
const rules: fc.Arbitrary<TiesRules> = fc.record({
  trimScope: fc.constantFrom("model", "tensor"),
  trimTies: fc.constantFrom("inclusive", "exact"),
  signConsensus: fc.constantFrom("mass", "frequency"),
  zeroSign: fc.constantFrom("majority", "positive"),
  weights: fc.constantFrom("before", "after"),
  normalize: fc.boolean(),
  merge: fc.constantFrom("mean", "sum"),
});

async function mergeAndCompare(
  all: { base: number[]; models: number[][] }[],
  theRules: TiesRules,
  densities: number[],
  weights: number[],
  lambda: number,
  dtype: "F32" | "F64" = "F32",
): Promise<void> {
  const here = join(folder, String(run++));
  const named: NaiveTensor[] = all.map((tensor, at) => ({ name: `t${at}`, ...tensor, wide: dtype === "F64" }));
  const n = all[0].models.length;
  const file = (name: string, values: (tensor: NaiveTensor) => number[]): string => {
    const path = join(here, `${name}.safetensors`);
    writeSafetensors(
      path,
      Object.fromEntries(named.map((t) => [t.name, { dtype, shape: [t.base.length], values: values(t) }])),
    );
    return path;
  };
  const set = createMergeSet({
    method: "ties",
    compat: "reference",
    base: file("base", (t) => t.base),
    models: Array.from({ length: n }, (_, t) => ({
      path: file(`model${t}`, (tensor) => tensor.models[t]),
      density: densities[t],
      weight: weights[t],
    })),
    lambda,
  });
  set.rules = theRules;
  const out = join(here, "out.safetensors");
  const output = { out, shardSize: 5e9, overwrite: false, resume: false };
  const expected = naiveTies(set, named);
  if ([...expected.theta.values()].flat().some((x) => !Number.isFinite(x))) return;
  await engine.merge({ set, output, statistics: false }, context);
  for (const { name } of named) expect(readTensor(out, name)).toEqual(expected.theta.get(name));
  rmSync(here, { recursive: true });
}

describe("ties against the naive implementation, bit for bit", () => {
  it("for every combination of rules, on hostile values", async () => {
    await fc.assert(
      fc.asyncProperty(
        tensors,
        rules,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.array(fc.constantFrom(1, 0.5, 0.3, 2, 0.7), { minLength: 5, maxLength: 5 }),
        fc.constantFrom(1, 0.4, 0, 1.3),
        (...given) => mergeAndCompare(...given),
      ),
      { numRuns: 150 },
    );
  });

  for (const compat of ["reference", "mergekit", "peft"] as Compat[]) {
    it(`with the preset ${compat} in F64`, async () => {
      await fc.assert(
        fc.asyncProperty(tensors, fc.constantFrom(0.2, 0.5, 1), (all, density) =>
          mergeAndCompare(all, PRESETS[compat], Array(5).fill(density) as number[], [1, 1, 1, 1, 1], 1, "F64"),
        ),
        { numRuns: 25 },
      );
    });
  }
});
