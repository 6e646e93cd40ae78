/** Accuracies of the base, of each fine-tune on its own task, and of each merged model on each task. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { digest, sourceDigest } from "./cacheKey";
import { readCheckpointFolder, readWeightsFile } from "./checkpoints";
import { BASE } from "./demoCheckpoints";
import { CHECKPOINTS_FOLDER, DEMO_FOLDER, MERGED_FOLDER, PROJECT_FOLDER, replaceFile } from "./demoFolder";
import { inQueue } from "./mergeQueue";
import type { DemoMerge } from "./methods";
import { FIXED_MERGES, folderNameOf, labelOf, SEARCHED_MERGES } from "./methods";
import { testDigits, uprightTestDigits, validationDigits } from "./splits";
import { sweepTasks, type Sweep } from "./sweep";
import { TASKS } from "./tasks";

export interface ResultRow {
  kind: "base" | "fine-tunes" | "merge";
  label: string;
  /** Relative to `.demo`. */
  path: string;
  /** One a task, 0 to 1. */
  accuracies: number[];
  mean: number;
  /** Mean over the tasks of accuracy / accuracy of the task's own fine-tune. */
  normalisedMean: number;
  /** λ was chosen on validation images. */
  validated: boolean;
}

export interface DemoResults {
  /** Digest of checkpoints, program and demo. */
  key: string;
  /** Backend of TensorFlow.js. */
  backend: string;
  testImagesPerTask: number;
  validationImagesPerTask: number;
  tasks: { name: string; description: string }[];
  /** Accuracy of the base on upright digits. */
  baseUpright: number;
  rows: ResultRow[];
  /** The same merges of the first 2, 3, … tasks. */
  sweep: Sweep;
}

const RESULTS_FILE = join(DEMO_FOLDER, "results.json");

type Evaluate = (folder: string) => number[];
type Report = (line: string) => void;

/** What an earlier run found, where nothing it depends on has changed; otherwise merges and evaluates. */
export async function ensureDemoResults(report: Report): Promise<DemoResults> {
  const key = resultsKey();
  const cached = readResults();
  if (cached?.key === key && cached.rows.every(({ path }) => existsSync(join(DEMO_FOLDER, path)))) return cached;
  rmSync(RESULTS_FILE, { force: true });
  const results = { key, ...(await computeResults(report)) };
  replaceFile(RESULTS_FILE, `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

function resultsKey(): string {
  const dist = join(PROJECT_FOLDER, "dist");
  const program = readdirSync(dist).filter((name) => name.endsWith(".js"));
  return digest(
    sourceDigest([
      "tasks",
      "splits",
      "network",
      "evaluate",
      "methods",
      "mergeWithCli",
      "demoResults",
      "mergeQueue",
      "mergeInProcess",
      "sweep",
      "demoStatistics",
      "digits",
      "checkpoints",
    ]),
    ...program.sort().map((name) => readFileSync(join(dist, name))),
    ...[BASE, ...TASKS.map(({ name }) => name)].map((name) => readWeightsFile(join(CHECKPOINTS_FOLDER, name))),
  );
}

function readResults(): DemoResults | null {
  try {
    return JSON.parse(readFileSync(RESULTS_FILE, "utf8")) as DemoResults | null;
  } catch {
    return null;
  }
}

async function computeResults(report: Report): Promise<Omit<DemoResults, "key">> {
  const [{ startTensorFlow }, { accuracies }] = await Promise.all([import("./backend"), import("./evaluate")]);
  const backend = await startTensorFlow();
  const test = testDigits();
  const validation = validationDigits();
  const evaluate: Evaluate = (folder) => accuracies(readCheckpointFolder(folder), test);
  const base = join(CHECKPOINTS_FOLDER, BASE);
  const own = TASKS.map(({ name }, task) => {
    const [accuracy = NaN] = accuracies(readCheckpointFolder(join(CHECKPOINTS_FOLDER, name)), [test[task]]);
    return accuracy;
  });
  const row = (
    kind: ResultRow["kind"],
    label: string,
    path: string,
    values: number[],
    validated = false,
  ): ResultRow => ({
    ...{ kind, label, path, accuracies: values, mean: mean(values) },
    ...{ normalisedMean: mean(values.map((value, task) => value / (own[task] ?? NaN))), validated },
  });
  const rows = [
    row("base", "base", `checkpoints/${BASE}`, evaluate(base)),
    row("fine-tunes", "each fine-tune, its own task", "checkpoints", own),
  ];
  report("evaluated the base and the fine-tunes");
  const merges = [
    ...FIXED_MERGES,
    ...(await chooseLambdas((folder) => accuracies(readCheckpointFolder(folder), validation), report)),
  ];
  await inQueue(
    merges.map((merge) => ({ merge, out: join(MERGED_FOLDER, folderNameOf(merge)) })),
    ({ merge, out }) => {
      rows.push(row("merge", labelOf(merge), `merged/${folderNameOf(merge)}`, evaluate(out), merge.validated));
      report(`merged and evaluated ${labelOf(merge)}`);
    },
  );
  const sweep = await sweepTasks((folder, sets) => accuracies(readCheckpointFolder(folder), sets), report);
  return {
    backend,
    testImagesPerTask: test[0].count,
    validationImagesPerTask: validation[0].count,
    tasks: TASKS.map(({ name, description }) => ({ name, description })),
    baseUpright: mean(accuracies(readCheckpointFolder(base), [uprightTestDigits()])),
    rows,
    sweep,
  };
}

/** For each method the λ with the best mean accuracy on the validation images; the first of equals. */
async function chooseLambdas(evaluate: Evaluate, report: Report): Promise<DemoMerge[]> {
  const chosen: DemoMerge[] = [];
  for (const { lambdas, ...method } of SEARCHED_MERGES) {
    let best = { merge: { ...method, validated: true } as DemoMerge, score: -1 };
    await inQueue(
      lambdas.map((lambda) => ({
        merge: { ...method, lambda, validated: true },
        out: join(MERGED_FOLDER, `candidate-${lambda}`),
      })),
      ({ merge, out }) => {
        const score = mean(evaluate(out));
        if (score > best.score) best = { merge, score };
        rmSync(out, { recursive: true, force: true });
      },
    );
    chosen.push(best.merge);
    report(`chose ${labelOf(best.merge)} out of ${lambdas.length}`);
  }
  return chosen;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
