import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { decode } from "../../src/engine/format/decode";
import { encode } from "../../src/engine/format/encode";
import { FLOAT_DTYPES, type FloatDtype } from "../../src/protocol/mergeSet";
import { bareOutput, quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { naiveTies } from "../fixtures/naiveTies";
import { readTensor, readTensorBytes } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const shapes = { "a.weight": [30, 20], "b.bias": [11] };
const f32 = Math.fround;

/** `values` as they come out of a dtype. */
function rounded(values: number[], dtype: FloatDtype): number[] {
  const bytes = new Uint8Array(8 * values.length);
  encode(dtype, Float64Array.from(values), bytes, values.length);
  const out = new Float64Array(values.length);
  decode(dtype, bytes, out, values.length);
  return [...out];
}

describe("averaging", () => {
  for (const weights of [
    [1, 1, 1],
    [0.2, 0.5, 1.7],
  ]) {
    it(`is Σwθ/Σw in float32, weights ${weights.join()}`, async () => {
      const here = join(folder, `linear-${weights.join()}`);
      const { set, tensors } = writeMergeCase({ folder: here, shapes, models: 3, weights, method: "linear" });
      set.base = null;
      await engine.merge({ set, output: bareOutput(here), statistics: false }, quietContext);
      const total = weights.reduce((sum, w) => f32(sum + f32(w)), 0);
      for (const { name, models } of tensors) {
        const expected = models[0].map((_, i) =>
          f32(models.reduce((sum, model, t) => f32(sum + f32(model[i] * f32(weights[t]))), 0) / total),
        );
        expect(readTensor(join(here, "out.safetensors"), name)).toEqual(expected);
      }
    });
  }
});

describe("task arithmetic", () => {
  it("is θ₀ + λ·Σ w τ in float32, also with negative weights", async () => {
    const here = join(folder, "arithmetic");
    const weights = [1, -0.5, 0.3];
    const method = "task_arithmetic";
    const { set, tensors } = writeMergeCase({ folder: here, shapes, models: 3, weights, method, lambda: 0.4 });
    await engine.merge({ set, output: bareOutput(here), statistics: false }, quietContext);
    for (const { name, base, models } of tensors) {
      const expected = base.map((x, i) => {
        const sum = models.reduce((all, model, t) => f32(all + f32(f32(model[i] - x) * f32(weights[t]))), 0);
        return f32(x + f32(f32(0.4) * sum));
      });
      expect(readTensor(join(here, "out.safetensors"), name)).toEqual(expected);
    }
  });
});

describe("dtypes", () => {
  for (const dtype of FLOAT_DTYPES) {
    for (const outDtype of [null, ...FLOAT_DTYPES]) {
      it(`${dtype} inputs, output ${outDtype ?? "as the base"}: rounded once`, async () => {
        const here = join(folder, `${dtype}-${outDtype}`);
        const { set, tensors } = writeMergeCase({ folder: here, shapes, models: 2, dtype });
        set.outDtype = outDtype;
        await engine.merge({ set, output: bareOutput(here), statistics: false }, quietContext);
        const { theta } = naiveTies(set, tensors);
        const out = join(here, "out.safetensors");
        for (const { name } of tensors) {
          const written = outDtype ?? dtype;
          expect(readTensorBytes(out, name).dtype).toBe(written);
          expect(readTensor(out, name)).toEqual(rounded(theta.get(name) as number[], written));
        }
      });
    }
  }
});
