/** Peak resident memory of whole merges where it would be large if tensors, models or headers were held. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { layoutSafetensors } from "../../src/engine/format/safetensorsLayout";
import { runCli } from "./measure";
import { printTable, type Row } from "./table";

interface Case {
  name: string;
  models: number;
  tensors: number;
  shape: [number, number];
}

const CASES: readonly Case[] = [
  { name: "one tensor of 2 GB", models: 2, tensors: 1, shape: [16_384, 32_768] },
  { name: "10 000 tensors", models: 4, tensors: 10_000, shape: [8, 8] },
  { name: "16 models", models: 16, tensors: 8, shape: [1024, 4096] },
];
const LIMITS = ["1GiB", "250MB"];

export function benchMemory(folder: string): void {
  const rows: Row[] = [];
  for (const one of CASES) {
    const home = join(folder, one.name);
    const [base, ...models] = Array.from({ length: one.models + 1 }, (_, t) => write(home, one, t));
    const out = join(home, "merged");
    const inputs = ["--base", base, ...models.flatMap((path) => ["--model", path])];
    for (const scope of ["tensor", "model"]) {
      for (const limit of LIMITS) {
        const args = ["merge", ...inputs, "--out", out, "--trim-scope", scope, "--memory", limit, "--quiet"];
        const { seconds, peakBytes } = runCli(args);
        rmSync(out, { recursive: true });
        rows.push([one.name, String(one.models), scope, limit, seconds.toFixed(1), (peakBytes / 1e6).toFixed(0)]);
      }
    }
    rmSync(home, { recursive: true });
  }
  printTable("Memory: F32, two threads", ["", "N", "scope", "--memory", "wall s", "peak MB"], rows);
}

const PART = 1 << 22;

/** Weights that repeat after PART entries. */
function write(home: string, { tensors, shape }: Case, model: number): string {
  const path = join(home, `model-${model}`);
  mkdirSync(path, { recursive: true });
  const names = Array.from({ length: tensors }, (_, at) => ({ name: `layers.${at}.weight`, dtype: "F32", shape }));
  const { header, size } = layoutSafetensors(names);
  const values = new Float32Array(PART);
  let state = 1;
  for (let i = 0; i < PART; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const step = (Math.imul(state, 2 * model + 1) >>> 8) / 2 ** 24 - 0.5;
    values[i] = state / 2 ** 32 - 0.5 + (model === 0 ? 0 : step ** 5);
  }
  const bytes = new Uint8Array(values.buffer);
  const file = openSync(join(path, "model.safetensors"), "w");
  writeSync(file, header);
  for (let at = header.length; at < size; at += bytes.length) {
    writeSync(file, bytes.subarray(0, Math.min(bytes.length, size - at)));
  }
  closeSync(file);
  return path;
}
