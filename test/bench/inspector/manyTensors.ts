/** Checkpoints of very many small tensors, as of models with hundreds of experts. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { layoutSafetensors } from "../../../src/engine/format/safetensorsLayout";

const EXPERTS = 49;
const LAYERS = 100;
const SHAPE = [16, 16];

/** Layers of 49 experts with two matrices each and two norms: 10 000 tensors. */
export function writeManyTensors(folder: string, models: number): { base: string; models: string[] } {
  mkdirSync(folder, { recursive: true });
  const tensors = Array.from({ length: LAYERS }, (_, layer) => [
    ...Array.from({ length: EXPERTS }, (_, expert) =>
      ["up_proj", "down_proj"].map((name) => `model.layers.${layer}.mlp.experts.${expert}.${name}.weight`),
    ).flat(),
    `model.layers.${layer}.input_layernorm.weight`,
    `model.layers.${layer}.post_attention_layernorm.weight`,
  ])
    .flat()
    .map((name) => ({ name, dtype: "F32", shape: SHAPE }));
  const { header, size } = layoutSafetensors(tensors);
  const [base = "", ...others] = Array.from({ length: models + 1 }, (_, t) => {
    const path = join(folder, `model-${t}.safetensors`);
    const values = new Float32Array((size - header.length) / 4);
    let state = 1;
    for (let i = 0; i < values.length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const step = (Math.imul(state, 2 * t + 1) >>> 8) / 2 ** 24 - 0.5;
      values[i] = state / 2 ** 32 - 0.5 + (t === 0 ? 0 : step ** 5);
    }
    const file = openSync(path, "w");
    writeSync(file, header);
    writeSync(file, values);
    closeSync(file);
    return path;
  });
  return { base, models: others };
}
