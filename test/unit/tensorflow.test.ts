/** The engine's merges of real files agree with a second implementation in TensorFlow.js. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import { createEngine } from "../../src/worker/engine";
import { readCheckpointFolder } from "../demo/checkpoints";
import { SeededRandom } from "../demo/seededRandom";
import type { TensorflowModel } from "../fixtures/tensorflowMerge";
import { tensorflowLinear, tensorflowTaskArithmetic, tensorflowTies } from "../fixtures/tensorflowMerge";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

const TOLERANCE = 1e-6;
const SHAPES: Readonly<Record<string, number[]>> = {
  "embed.weight": [23, 31],
  "layers.0.mlp.weight": [40, 40],
  "layers.0.mlp.bias": [40],
  "layers.1.mlp.weight": [17, 9],
  scale: [1],
};

/** Task vectors: smooth, or multiples of 1/64 between −4 and 4 of them, where equal magnitudes, zeros and cancellations abound. */
const DRAWS: Readonly<Record<string, (random: SeededRandom) => number>> = {
  smooth: (random) => 0.1 * random.normal(),
  "full of ties": (random) => (Math.floor(random.uniform() * 9) - 4) / 64,
};

interface Checkpoints {
  paths: { base: string; models: string[] };
  base: ReadonlyMap<string, Float32Array>;
  models: TensorflowModel[];
}

const folder = mkdtempSync(join(tmpdir(), "ties-merge-tensorflow-"));
const engine = createEngine({ threads: 2, memoryLimit: 2 ** 30 });

beforeAll(async () => {
  // Without its advice to install another backend.
  tf.enableProdMode();
  await tf.setBackend("cpu");
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.keys(DRAWS))("task vectors %s", (draw) => {
  describe.each([1, 2, 3])("seed %i", (seed) => {
    const checkpoints = writeCheckpoints(join(folder, `${draw}-${seed}`), seed, DRAWS[draw]);

    test.each([
      [0.2, 1, "reference"],
      [0.07, 1.7, "reference"],
      [1, 0.5, "reference"],
      [0.2, 1, "mergekit"],
      [0.5, 0.8, "mergekit"],
    ] as const)("TIES, density %f, λ %f, %s rules", async (density, lambda, compat) => {
      const merged = await mergeWithEngine(checkpoints, { method: "ties", density, lambda, compat });
      const { base, models } = checkpoints;
      expectClose(merged, tensorflowTies(base, models, { density, lambda, compat }));
    });

    test("averaging", async () => {
      expectClose(await mergeWithEngine(checkpoints, { method: "linear" }), tensorflowLinear(checkpoints.models));
    });

    test("task arithmetic", async () => {
      const merged = await mergeWithEngine(checkpoints, { method: "task_arithmetic", lambda: 0.4 });
      expectClose(merged, tensorflowTaskArithmetic(checkpoints.base, checkpoints.models, 0.4));
    });
  });
});

function writeCheckpoints(target: string, seed: number, draw: (random: SeededRandom) => number): Checkpoints {
  const random = new SeededRandom(seed);
  const tensors = (value: (name: string, index: number) => number): Map<string, Float32Array> =>
    new Map(
      Object.entries(SHAPES).map(([name, shape]) => {
        const length = shape.reduce((product, size) => product * size, 1);
        return [name, Float32Array.from({ length }, (_, index) => value(name, index))];
      }),
    );
  // Multiples of 1/64, so that what is full of ties stays so when the base is added and taken off again.
  const base = tensors(() => Math.round(random.normal() * 16) / 64);
  const models = [1, 0.5, 2].map((weight) => ({
    tensors: tensors((name, index) => base.get(name)![index] + draw(random)),
    weight,
  }));
  const write = (name: string, values: ReadonlyMap<string, Float32Array>): string => {
    const entries = [...values].map(
      ([key, list]) => [key, { dtype: "F32", shape: SHAPES[key], values: list }] as const,
    );
    writeSafetensors(join(target, name, "model.safetensors"), Object.fromEntries(entries));
    return join(target, name);
  };
  const paths = { base: write("base", base), models: models.map((model, i) => write(`model-${i}`, model.tensors)) };
  return { paths, base, models };
}

let outputs = 0;

async function mergeWithEngine(
  { paths, models }: Checkpoints,
  choice: Omit<MergeSetInput, "base" | "models">,
): Promise<ReadonlyMap<string, Float32Array>> {
  const set = createMergeSet({
    ...choice,
    base: paths.base,
    models: paths.models.map((path, i) => ({ path, weight: models[i].weight })),
  });
  const out = join(folder, `merged-${outputs++}`);
  const output = { out, shardSize: 5e9, overwrite: false, resume: false };
  const context = { signal: new AbortController().signal, progress: () => {} };
  await engine.merge({ set, output, statistics: false }, context);
  return readCheckpointFolder(out);
}

function expectClose(merged: ReadonlyMap<string, Float32Array>, expected: ReadonlyMap<string, Float32Array>): void {
  expect([...merged.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, values] of expected) {
    const actual = merged.get(name)!;
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i])), 0);
    expect(worst, name).toBeLessThan(TOLERANCE);
    expect(actual.length, name).toBe(values.length);
  }
}
