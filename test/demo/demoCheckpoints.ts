/** The demo's checkpoints: a base and one fine-tune a task, trained once and kept in `.demo/checkpoints`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digest, sourceDigest } from "./cacheKey";
import { readCheckpointFolder, readWeightsFile, writeCheckpointFolder } from "./checkpoints";
import { CHECKPOINTS_FOLDER, DEMO_FOLDER, replaceFile, replaceFolder } from "./demoFolder";
import type { Weights } from "./network";
import { baseDigits, fineTuneDigits } from "./splits";
import { TASKS } from "./tasks";
import type { TrainingPlan } from "./train";

export const BASE = "base";

const INITIAL_SEED = 1;
const BASE_PLAN: TrainingPlan = { epochs: 3, batch: 100, learningRate: 1e-3, seed: 2 };
const fineTunePlan = (task: number): TrainingPlan => ({ epochs: 2, batch: 100, learningRate: 3e-4, seed: 10 + task });

/** Everything that decides the weights. */
const SOURCES = ["seededRandom", "digits", "tasks", "splits", "network", "train", "checkpoints", "demoCheckpoints"];

/**
 * The folder that holds `base` and a checkpoint folder for each of `TASKS`. Trains those that are missing, were
 * changed, or were made by another version of the demo; `report` hears of each.
 */
export async function ensureDemoCheckpoints(report: (line: string) => void = () => {}): Promise<string> {
  const sources = sourceDigest(SOURCES);
  const baseDigest = await ensure(BASE, sources, null, report, async () => {
    const { initialWeights, train } = await loadTraining();
    return train(initialWeights(INITIAL_SEED), baseDigits(), BASE_PLAN);
  });
  for (const [index, task] of TASKS.entries()) {
    await ensure(task.name, digest(sources, baseDigest), `../${BASE}`, report, async () => {
      const { train } = await loadTraining();
      return train(readCheckpointFolder(join(CHECKPOINTS_FOLDER, BASE)), fineTuneDigits(task), fineTunePlan(index));
    });
  }
  return CHECKPOINTS_FOLDER;
}

/** Makes a checkpoint unless the one there is whole and of this key; gives the digest of its weights. */
async function ensure(
  name: string,
  key: string,
  origin: string | null,
  report: (line: string) => void,
  make: () => Promise<Weights>,
): Promise<string> {
  const folder = join(CHECKPOINTS_FOLDER, name);
  const keyFile = join(DEMO_FOLDER, "keys", `${name}.json`);
  const cached = readKeyFile(keyFile);
  const present = digestOf(folder);
  if (present !== null && cached?.key === key && cached.weights === present) return present;
  const start = performance.now();
  const weights = await make();
  replaceFolder(folder, (target) => writeCheckpointFolder(target, weights, origin));
  const made = digestOf(folder) ?? "";
  replaceFile(keyFile, `${JSON.stringify({ key, weights: made }, null, 2)}\n`);
  report(`trained ${name} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return made;
}

function readKeyFile(path: string): { key?: unknown; weights?: unknown } | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { key?: unknown; weights?: unknown } | null;
  } catch {
    return null;
  }
}

function digestOf(folder: string): string | null {
  try {
    return digest(readWeightsFile(folder));
  } catch {
    return null;
  }
}

/** TensorFlow.js takes a second to load: only where something has to be trained. */
async function loadTraining() {
  const { startTensorFlow } = await import("./backend");
  await startTensorFlow();
  const { train } = await import("./train");
  const { initialWeights } = await import("./network");
  return { train, initialWeights };
}
