/** The demo's networks as checkpoint folders, laid out like a download from a model hub. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "../../src/engine/format/decode";
import { parseSafetensorsHeader } from "../../src/engine/format/safetensorsHeader";
import { elementCount } from "../../src/engine/format/tensorEntry";
import { openFileSource } from "../../src/io/fileSource";
import { safetensorsBytes } from "../fixtures/writeCheckpoint";
import { CLASSES, IMAGE_EDGE } from "./digits";
import type { Weights } from "./network";
import { HIDDEN, LAYERS, SHAPES } from "./network";

export const WEIGHTS_FILE = "model.safetensors";

/** Writes weights, config and preprocessor into an empty folder. `origin`: the checkpoint it was fine-tuned from. */
export function writeCheckpointFolder(folder: string, weights: Weights, origin: string | null): void {
  const tensors = [...weights].map(([name, values]) => [
    name,
    { dtype: "F32" as const, shape: [...(SHAPES.get(name) ?? [])], values },
  ]);
  const file = safetensorsBytes(Object.fromEntries(tensors), { format: "pt" });
  writeFileSync(join(folder, WEIGHTS_FILE), file);
  writeJson(join(folder, "config.json"), {
    ...(origin === null ? {} : { _name_or_path: origin }),
    architectures: ["ResidualMlpForImageClassification"],
    hidden_act: "relu",
    hidden_size: HIDDEN,
    id2label: Object.fromEntries(Array.from({ length: CLASSES }, (_, digit) => [digit, String(digit)])),
    image_size: IMAGE_EDGE,
    model_type: "residual_mlp",
    num_channels: 1,
    num_hidden_layers: LAYERS,
    torch_dtype: "float32",
  });
  writeJson(join(folder, "preprocessor_config.json"), {
    do_normalize: false,
    do_rescale: true,
    rescale_factor: 1 / 255,
    size: { height: IMAGE_EDGE, width: IMAGE_EDGE },
  });
}

/** Reads the network of a checkpoint folder. */
export function readCheckpointFolder(folder: string): Weights {
  const source = openFileSource(join(folder, WEIGHTS_FILE));
  try {
    return new Map(
      parseSafetensorsHeader(source).tensors.map(({ name, dtype, shape, begin, end }) => {
        if (dtype !== "F32") throw new Error(`${source.name}: ${name} is ${dtype}, not F32`);
        const bytes = new Uint8Array(end - begin);
        source.read(begin, bytes);
        const values = new Float32Array(elementCount(shape));
        decode(dtype, bytes, values, values.length);
        return [name, values];
      }),
    );
  } finally {
    source.close();
  }
}

export const readWeightsFile = (folder: string): Uint8Array => readFileSync(join(folder, WEIGHTS_FILE));

const writeJson = (path: string, value: unknown): void => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
