/** Merge sets of small arrays: a network with structure, a hand-written mask, many tensors, none. */
import type { MergeSet, Method } from "../../../src/protocol/mergeSet";
import { layerGroup } from "../../../src/protocol/layerGroup";
import { PRESETS } from "../../../src/protocol/mergeSet";
import type { NaiveTensor } from "./naiveMerge";

export type FixtureName = "network" | "small" | "deep" | "known" | "many" | "empty";

export interface Fixture {
  set: MergeSet;
  tensors: NaiveTensor[];
}

const NAMES = ["math", "code", "chat", "japanese", "law", "poetry", "vision", "speech", "chess"];

export function fixture(name: FixtureName, models = 4, method: Method = "ties"): Fixture {
  if (name === "known") return known();
  const set = mergeSet(models, method === "sce" ? 0.3 : 0.2, method);
  if (name === "empty") return { set, tensors: [] };
  const networks = { many, network, small, deep };
  return { set, tensors: networks[name](models) };
}

function mergeSet(models: number, density: number, method: Method): MergeSet {
  return {
    method,
    compat: "reference",
    base: "/checkpoints/llama-small",
    models: Array.from({ length: models }, (_, t) => ({
      path: `/checkpoints/fine-tunes/${NAMES[t % NAMES.length]}${t < NAMES.length ? "" : t}`,
      name: `${NAMES[t % NAMES.length]}${t < NAMES.length ? "" : `-${t}`}`,
      weight: 1,
      density,
    })),
    lambda: 1,
    rules: PRESETS.reference,
    normalize: false,
    normalizeFisher: false,
    alpha: 0.9,
    seed: 0,
    gamma: 0,
    ...(method === "sce" && { selectTopk: density }),
    ...(method.startsWith("della") && { epsilon: 0.15 }),
    include: [],
    exclude: [],
    nonFinite: "error",
    nonFloat: "error",
    vocab: "error",
    missing: "error",
    outDtype: null,
  };
}

/** mulberry32, and a normal variate from it: the same numbers in every run. */
function random(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Entries whose size varies by row and column, as those of real fine-tunes do, and whose signs partly agree. */
function structured(name: string, shape: number[], models: number, seed: number, agreeing = 0.55): NaiveTensor {
  const rows = shape.length > 1 ? shape[0]! : 1;
  const columns = shape.slice(shape.length > 1 ? 1 : 0).reduce((product, size) => product * size, 1);
  const normal = random(seed);
  const entries = rows * columns;
  const common = Array.from({ length: entries }, normal);
  const taskVectors = Array.from({ length: models }, (_, t) => {
    const rowScale = Array.from({ length: rows }, () => Math.exp(0.7 * normal()));
    const columnScale = Array.from({ length: columns }, () => Math.exp(0.7 * normal()));
    return Array.from({ length: entries }, (_, i) => {
      const scale = 3e-4 * (1 + 0.15 * t) * rowScale[Math.floor(i / columns)]! * columnScale[i % columns]!;
      return Math.fround(scale * (agreeing * common[i]! + normal()));
    });
  });
  return {
    name,
    shape,
    group: layerGroup(name),
    base: Array.from({ length: entries }, () => Math.fround(0.02 * normal())),
    taskVectors,
  };
}

function network(models: number): NaiveTensor[] {
  const shapes: [string, number[]][] = [["model.embed_tokens.weight", [192, 64]]];
  for (let layer = 0; layer < 6; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes.push(
      [`${prefix}.self_attn.q_proj.weight`, [64, 64]],
      [`${prefix}.self_attn.v_proj.weight`, [32, 64]],
      [`${prefix}.mlp.up_proj.weight`, [160, 128]],
      [`${prefix}.mlp.down_proj.weight`, [64, 160]],
      [`${prefix}.input_layernorm.weight`, [100]],
    );
  }
  shapes.push(["lm_head.weight", [192, 64]], ["logit_scale", []]);
  return shapes.map(([name, shape], index) => structured(name, shape, models, 1000 + index));
}

/** Thirty-two layers of every kind of module; the models agree less the deeper they are. */
function deep(models: number): NaiveTensor[] {
  const modules = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"];
  modules.push("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj");
  const layers = Array.from({ length: 32 }, (_, layer) => [
    ...modules.map((module, at): [string, number[], number] => [
      `model.layers.${layer}.${module}.weight`,
      at < 4 ? [12, 16] : [24, 16],
      1.6 * Math.cos((layer / 31) * 1.9 - 0.1) + 0.1 * at,
    ]),
    ...["input_layernorm", "post_attention_layernorm"].map((norm): [string, number[], number] => [
      `model.layers.${layer}.${norm}.weight`,
      [64],
      2,
    ]),
  ]);
  return [
    ["model.embed_tokens.weight", [48, 16], 1.5] as const,
    ...layers.flat(),
    ["model.norm.weight", [64], 1.5] as const,
    ["lm_head.weight", [48, 16], 0.4] as const,
  ].map(([name, shape, agreeing], index) => structured(name, [...shape], models, 5000 + index, Math.max(0, agreeing)));
}

/** Of six layers, quick to merge over and over. */
const small = (models: number): NaiveTensor[] =>
  Array.from({ length: 6 }, (_, layer) =>
    ["self_attn.q_proj", "mlp.up_proj"].map((module, at) =>
      structured(`model.layers.${layer}.${module}.weight`, [16, 24], models, 900 + 2 * layer + at),
    ),
  ).flat();

const many = (models: number): NaiveTensor[] =>
  Array.from({ length: 10_000 }, (_, index) =>
    structured(`model.layers.${Math.floor(index / 10)}.block.${index % 10}.weight`, [2, 2], models, index),
  );

/** What each cell of `known.weight` says, model by model: + and − are kept, 0 is trimmed. */
export const KNOWN_MASKS = [
  ["++--0000", "00000000", "+-+-+-+-", "0000++++", "--------", "00000000", "+0000000", "0000000-"],
  ["+-+-0000", "00000000", "++++----", "00000000", "++++++++", "0000+000", "+0000000", "0000000-"],
];

/** Two models of one 8 × 8 tensor with hand-written masks, and a large one whose blocks have known shares. */
function known(): Fixture {
  const taskVector = (mask: string[], size: number): number[] =>
    [...mask.join("")].map((sign) => (sign === "+" ? size : sign === "-" ? -size : size / 1000));
  // Quarters of 256 × 256: all +; every second column −; one entry in 64 +; nothing.
  const quarters = Array.from({ length: 512 * 512 }, (_, i) => {
    const row = Math.floor(i / 512);
    const column = i % 512;
    if (row < 256 && column < 256) return 2;
    if (row < 256) return column % 2 === 0 ? -2 : 0.002;
    if (column < 256) return row % 8 === 0 && column % 8 === 0 ? 2 : 0.002;
    return 0.002;
  });
  const tensors: NaiveTensor[] = [
    {
      name: "known.weight",
      shape: [8, 8],
      group: "",
      base: Array.from({ length: 64 }, (_, i) => i / 64),
      // The first model's entries are larger: where both are kept with opposite signs it wins.
      taskVectors: [taskVector(KNOWN_MASKS[0]!, 2), taskVector(KNOWN_MASKS[1]!, 1)],
    },
    {
      name: "quarters.weight",
      shape: [512, 512],
      group: "",
      base: quarters.map(() => 0),
      taskVectors: [quarters, quarters.map(() => 0.001)],
    },
  ];
  const set = mergeSet(2, 0.2, "ties");
  // The densities that put the thresholds between the large and the small entries.
  set.models.forEach((model, t) => {
    const values = tensors.flatMap(({ taskVectors }) => taskVectors[t]!);
    model.density = (values.filter((value) => Math.abs(value) >= 1).length - 1) / values.length;
  });
  return { set, tensors };
}
