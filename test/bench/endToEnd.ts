/**
 * Whole merges of a generated model of 108 M parameters by the packaged command line, beside `cp` of the same files
 * and beside PyTorch, all in one run. `npm run bench` (`-- --quick` for two models and BF16 alone).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { generateSet, type BenchDtype, type GeneratedSet } from "./generatedModel";
import { medianOf, runCli, timed, type Usage } from "./measure";
import { printTable, type Row } from "./table";

const DENSITY = "0.2";
const ROUNDS = 5;
const TORCH_METHODS = ["kthvalue", "topk", "argsort", "flattened"] as const;
const PYTHON = process.env.BENCH_PYTHON ?? "python3";

export function benchEndToEnd(folder: string, quick: boolean): void {
  const torch = hasTorch();
  if (!torch) print(`no PyTorch with safetensors in ${PYTHON} (BENCH_PYTHON names another): its rows are left out\n`);
  for (const dtype of quick ? (["BF16"] as const) : (["BF16", "F32"] as const)) {
    for (const models of quick ? [2] : [2, 4, 8]) {
      const set = generateSet(folder, { dtype, layers: 6, embeddings: true, models: 8 });
      benchSet(folder, dtype, { ...set, models: set.models.slice(0, models) }, torch && models <= 4);
    }
  }
}

function benchSet(folder: string, dtype: BenchDtype, set: GeneratedSet, torch: boolean): void {
  const place = mkdtempSync(join(folder, "run-"));
  const inputs = [set.base, ...set.models];
  const commands = {
    "merge, tensor scope": ["merge", ...flagsOf(set, "tensor"), "--out", join(place, "merged")],
    "merge, model scope": ["merge", ...flagsOf(set, "model"), "--out", join(place, "merged")],
    "inspect, tensor scope": ["inspect", ...flagsOf(set, "tensor")],
    "inspect, model scope": ["inspect", ...flagsOf(set, "model")],
  };
  const runs = new Map<string, Usage[]>([
    ["cp", []],
    ...Object.keys(commands).map((name) => [name, []] as [string, Usage[]]),
  ]);
  try {
    // All take turns: what else the machine does, it does to all of them.
    for (let round = 0; round < ROUNDS; round++) {
      runs.get("cp")?.push(copy(inputs, join(place, "copy")));
      for (const [name, args] of Object.entries(commands)) {
        runs.get(name)?.push(runCli(args));
        rmSync(join(place, "merged"), { recursive: true, force: true });
      }
    }
    const cp = medianOf(runs.get("cp") ?? []);
    const rows: Row[] = [...runs].map(([name, own]) => rowOf(name, medianOf(own), cp));
    if (torch)
      for (const method of TORCH_METHODS) rows.push(rowOf(`PyTorch, ${method}`, runTorch(method, set, place), cp));
    const ours = medianOf(runs.get("merge, tensor scope") ?? []).seconds;
    const bytes = ((set.bytes * inputs.length) / 1e6).toFixed(0);
    printTable(
      `${dtype}, N = ${set.models.length}, ${(set.parameters / 1e6).toFixed(0)} M parameters, ${bytes} MB read`,
      ["", "wall s", "CPU s", "peak MB", "wall / cp", "wall / merge"],
      rows.map((row) => [...row, (Number(row[1]) / ours).toFixed(1)]),
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const flagsOf = (set: GeneratedSet, scope: string): string[] => [
  "--base",
  set.base,
  ...set.models.flatMap((path) => ["--model", path]),
  "--density",
  DENSITY,
  "--trim-scope",
  scope,
  "--quiet",
];

function copy(inputs: readonly string[], to: string): Usage {
  mkdirSync(to);
  const seconds = timed(["cp", "-r", ...inputs, to]);
  rmSync(to, { recursive: true });
  return { seconds, cpuSeconds: NaN, peakBytes: NaN };
}

const rowOf = (name: string, { seconds, cpuSeconds, peakBytes }: Usage, cp: Usage): Row => [
  name,
  seconds.toFixed(2),
  Number.isNaN(cpuSeconds) ? "" : cpuSeconds.toFixed(2),
  Number.isNaN(peakBytes) ? "" : (peakBytes / 1e6).toFixed(0),
  (seconds / cp.seconds).toFixed(1),
];

function runTorch(method: string, set: GeneratedSet, place: string): Usage {
  const program = resolve("test/bench/tiesTorch.py");
  const args = [program, method, join(place, "torch.safetensors"), DENSITY, set.base, ...set.models];
  const { status, stdout, stderr } = spawnSync(PYTHON, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${PYTHON} ${args.join(" ")} failed:\n${stderr}`);
  // Its own clock: without the start of the interpreter.
  return JSON.parse(stdout) as Usage;
}

const hasTorch = (): boolean => spawnSync(PYTHON, ["-c", "import torch, safetensors"]).status === 0;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
