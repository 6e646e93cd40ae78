/** Whether the cost of a parameter stays the same as models grow in size and number, and what threads bring. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { generateSet } from "./generatedModel";
import { medianOf, runCli, type Usage } from "./measure";
import { printTable, type Row } from "./table";

const ROUNDS = 3;
/** Layers of 12.6 M parameters: 25 M to 805 M. */
const LAYERS = [2, 4, 8, 16, 32, 64];
const MODELS = [1, 2, 4, 8];

export function benchGrowth(folder: string, quick: boolean): void {
  const sizes = quick ? LAYERS.slice(0, 3) : LAYERS;
  for (const scope of ["tensor", "model"]) {
    const rows = sizes.map((layers) => row(folder, layers, 2, 2, scope));
    printTable(`Growth in size: BF16, N = 2, two threads, ${scope} scope`, HEADS, rows);
  }
  const counts = quick ? MODELS.slice(0, 3) : MODELS;
  printTable(
    "Growth in models: BF16, 101 M parameters, two threads, tensor scope",
    HEADS,
    counts.map((models) => row(folder, 8, models, 2, "tensor")),
  );
  printTable(
    "Threads: BF16, N = 2, 101 M parameters, tensor scope",
    HEADS,
    [1, 2].map((threads) => row(folder, 8, 2, threads, "tensor")),
  );
}

const HEADS = [
  "M parameters",
  "N",
  "threads",
  "wall s",
  "CPU s",
  "ns a parameter",
  "ns a parameter and model",
  "peak MB",
];

function row(folder: string, layers: number, models: number, threads: number, scope: string): Row {
  const set = generateSet(folder, { dtype: "BF16", layers, embeddings: false, models });
  const out = join(folder, "grown");
  const args = ["merge", "--base", set.base, ...set.models.flatMap((path) => ["--model", path]), "--out", out];
  const runs: Usage[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    runs.push(runCli([...args, "--trim-scope", scope, "--threads", String(threads), "--quiet"]));
    rmSync(out, { recursive: true, force: true });
  }
  const { seconds, cpuSeconds, peakBytes } = medianOf(runs);
  const cost = (seconds / set.parameters) * 1e9;
  return [
    (set.parameters / 1e6).toFixed(0),
    String(models),
    String(threads),
    seconds.toFixed(2),
    cpuSeconds.toFixed(2),
    cost.toFixed(1),
    (cost / models).toFixed(1),
    (peakBytes / 1e6).toFixed(0),
  ];
}
