/** A language model's shapes with random weights, and fine-tunes of it with heavy-tailed task vectors. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { layoutSafetensors } from "../../src/engine/format/safetensorsLayout";

export type BenchDtype = "BF16" | "F32";

export interface GeneratedModel {
  dtype: BenchDtype;
  /** Layers of 1024/4096: 12.6 M parameters each. */
  layers: number;
  /** With embeddings of 32000 × 1024. */
  embeddings: boolean;
  /** Fine-tunes. */
  models: number;
}

export interface GeneratedSet {
  base: string;
  models: string[];
  parameters: number;
  /** Of one checkpoint. */
  bytes: number;
}

const WIDTH = 1024;
const INNER = 4096;
const VOCABULARY = 32_000;

/** Writes what is not there yet: checkpoints only depend on dtype, layers and their number. */
export function generateSet(folder: string, { dtype, layers, embeddings, models }: GeneratedModel): GeneratedSet {
  const tensors = tensorsOf(dtype, layers, embeddings);
  const { header, entries, size } = layoutSafetensors(tensors);
  const home = join(folder, `${dtype} ${layers}${embeddings ? " with embeddings" : ""}`);
  const paths = Array.from({ length: models + 1 }, (_, t) => join(home, t === 0 ? "base" : `model-${t}`));
  for (const [t, path] of paths.entries()) {
    if (existsSync(path)) continue;
    const partial = `${path}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, "config.json"), JSON.stringify({ model_type: "generated" }));
    const file = openSync(join(partial, "model.safetensors"), "w");
    writeSync(file, header);
    for (const { begin, end } of entries) {
      const count = (end - begin) / (dtype === "BF16" ? 2 : 4);
      writeWeights(file, dtype, begin, count, t);
    }
    closeSync(file);
    renameSync(partial, path);
  }
  const parameters = entries.reduce((sum, { begin, end }) => sum + (end - begin) / (dtype === "BF16" ? 2 : 4), 0);
  return { base: paths[0], models: paths.slice(1), parameters, bytes: size };
}

function tensorsOf(
  dtype: BenchDtype,
  layers: number,
  embeddings: boolean,
): { name: string; dtype: string; shape: number[] }[] {
  const layer = (at: number): [string, number[]][] => [
    ...["q", "k", "v", "o"].map((name): [string, number[]] => [
      `layers.${at}.attention.${name}.weight`,
      [WIDTH, WIDTH],
    ]),
    [`layers.${at}.mlp.up.weight`, [INNER, WIDTH]],
    [`layers.${at}.mlp.down.weight`, [WIDTH, INNER]],
    [`layers.${at}.attention_norm.weight`, [WIDTH]],
    [`layers.${at}.mlp_norm.weight`, [WIDTH]],
  ];
  const shapes: [string, number[]][] = [
    ...(embeddings ? [["embeddings.weight", [VOCABULARY, WIDTH]] as [string, number[]]] : []),
    ...Array.from({ length: layers }, (_, at) => layer(at)).flat(),
    ["norm.weight", [WIDTH]],
  ];
  return shapes.map(([name, shape]) => ({ name, dtype, shape }));
}

const PART = 1 << 20;
const TABLE = 1 << 16;
const BASE = quantiles(normalQuantile, 0.02);
/** Student's t with two degrees of freedom: few large and many small entries, as task vectors have. */
const STEP = quantiles(studentQuantile, 0.0005);

/** θ_t = θ₀ + τ_t; every model's τ_t is the same at every run, and none like another's. */
function writeWeights(file: number, dtype: BenchDtype, seed: number, count: number, model: number): void {
  const base = xorshift(seed);
  const step = xorshift(seed ^ Math.imul(model, 0x9e3779b1));
  const values = new Float32Array(Math.min(PART, count));
  const bits = new Uint32Array(values.buffer);
  const halves = new Uint16Array(values.length);
  for (let start = 0; start < count; start += PART) {
    const length = Math.min(PART, count - start);
    for (let i = 0; i < length; i++) {
      const value = BASE[base() >>> 16];
      values[i] = model === 0 ? value : Math.fround(storedValue(value, dtype) + STEP[step() >>> 16]);
    }
    if (dtype === "BF16") for (let i = 0; i < length; i++) halves[i] = roundedToBf16(bits[i]);
    writeSync(file, dtype === "BF16" ? halves.subarray(0, length) : values.subarray(0, length));
  }
}

const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

function storedValue(value: number, dtype: BenchDtype): number {
  if (dtype === "F32") return value;
  one[0] = value;
  oneBits[0] = roundedToBf16(oneBits[0]) << 16;
  return one[0];
}

const roundedToBf16 = (bits: number): number => (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;

/** Marsaglia's xorshift32, after a few steps from a small seed. */
function xorshift(seed: number): () => number {
  let state = (Math.imul(seed | 1, 0x85ebca6b) ^ 0x2545f491) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}

function quantiles(quantile: (p: number) => number, scale: number): Float32Array {
  return Float32Array.from({ length: TABLE }, (_, i) => scale * quantile((i + 0.5) / TABLE));
}

/** Φ⁻¹ to 0.01, as Tukey's lambda distribution gives it. */
function normalQuantile(p: number): number {
  return 4.91 * (p ** 0.14 - (1 - p) ** 0.14);
}

/** The quantile of Student's t with two degrees of freedom, which is exact. */
function studentQuantile(p: number): number {
  return (2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p)));
}
