/** Accuracies of the base, of each fine-tune and of each merged model on each task. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { digest, sourceDigest } from "./cacheKey";
import { readCheckpointFolder, readWeightsFile } from "./checkpoints";
import { BASE } from "./demoCheckpoints";
import { CHECKPOINTS_FOLDER, DEMO_FOLDER, MERGED_FOLDER, PROJECT_FOLDER, replaceFile } from "./demoFolder";
import { mergeWithCli } from "./mergeWithCli";
import type { DemoMerge } from "./methods";
import { FIXED_MERGES, folderNameOf, labelOf, SEARCHED_MERGES } from "./methods";
import { testDigits, uprightTestDigits, validationDigits } from "./splits";
import { TASKS } from "./tasks";

export interface ResultRow {
  kind: "base" | "fine-tune" | "merge";
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
  const tuned = TASKS.map(({ name }) => evaluate(join(CHECKPOINTS_FOLDER, name)));
  const own = tuned.map((row, task) => row[task] ?? NaN);
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
    ...TASKS.map(({ name }, index) => row("fine-tune", name, `checkpoints/${name}`, tuned[index] ?? [])),
  ];
  report("evaluated the base and the fine-tunes");
  for (const merge of [
    ...FIXED_MERGES,
    ...(await chooseLambdas((folder) => accuracies(readCheckpointFolder(folder), validation), report)),
  ]) {
    const name = folderNameOf(merge);
    await mergeWithCli(merge, join(MERGED_FOLDER, name));
    const values = evaluate(join(MERGED_FOLDER, name));
    rows.push(row("merge", labelOf(merge), `merged/${name}`, values, merge.validated));
    report(`merged and evaluated ${labelOf(merge)}`);
  }
  return {
    backend,
    testImagesPerTask: test[0].count,
    validationImagesPerTask: validation[0].count,
    tasks: TASKS.map(({ name, description }) => ({ name, description })),
    baseUpright: mean(accuracies(readCheckpointFolder(base), [uprightTestDigits()])),
    rows,
  };
}

/** For each method the λ with the best mean accuracy on the validation images; the first of equals. */
async function chooseLambdas(evaluate: Evaluate, report: Report): Promise<DemoMerge[]> {
  const candidate = join(MERGED_FOLDER, "candidate");
  const chosen: DemoMerge[] = [];
  for (const { lambdas, ...method } of SEARCHED_MERGES) {
    let best = { merge: { ...method, validated: true } as DemoMerge, score: -1 };
    for (const lambda of lambdas) {
      const merge = { ...method, lambda, validated: true };
      await mergeWithCli(merge, candidate);
      const score = mean(evaluate(candidate));
      if (score > best.score) best = { merge, score };
    }
    chosen.push(best.merge);
    report(`chose ${labelOf(best.merge)} out of ${lambdas.length}`);
  }
  rmSync(candidate, { recursive: true, force: true });
  return chosen;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
