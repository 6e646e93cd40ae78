/** Fisher values and Gram matrices of the demo's fine-tunes, beside their weights: what Fisher merging and RegMean need. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { safetensorsBytes } from "../fixtures/writeCheckpoint";
import { digest, sourceDigest } from "./cacheKey";
import { readCheckpointFolder, readWeightsFile } from "./checkpoints";
import { CHECKPOINTS_FOLDER, DEMO_FOLDER, replaceFile } from "./demoFolder";
import { PIXELS } from "./digits";
import { FISHER_IMAGES, GRAM_IMAGES, statisticsDigits } from "./splits";
import { TASKS, type Task } from "./tasks";

export const FISHER_FILE = "fisher.safetensors";
export const GRAM_FILE = "gram.safetensors";

/** Images that go through the network together. */
const BATCH = 500;
/** Added to a Gram matrix's diagonal, as a share of its mean: some pixels are black in all images. */
const RIDGE = 1e-6;

const SOURCES = ["seededRandom", "digits", "tasks", "splits", "network", "demoStatistics"];

/** Computes the statistics that are missing or were made for other weights; `report` hears of it. */
export async function ensureDemoStatistics(report: (line: string) => void): Promise<void> {
  const sources = sourceDigest(SOURCES);
  const stale = TASKS.filter((task) => keyOf(task, sources) !== readKey(task));
  if (stale.length === 0) return;
  const { startTensorFlow } = await import("./backend");
  await startTensorFlow();
  for (const task of stale) {
    await writeStatistics(task);
    replaceFile(keyFile(task), keyOf(task, sources));
  }
  report(`computed the Fisher values and Gram matrices of ${stale.length} fine-tunes`);
}

const folderOf = ({ name }: Task): string => join(CHECKPOINTS_FOLDER, name);
const keyFile = ({ name }: Task): string => join(DEMO_FOLDER, "keys", `${name}-statistics`);
const keyOf = (task: Task, sources: string): string => digest(sources, readWeightsFile(folderOf(task)));

function readKey(task: Task): string | null {
  const isThere = [FISHER_FILE, GRAM_FILE].every((name) => existsSync(join(folderOf(task), name)));
  return isThere && existsSync(keyFile(task)) ? readFileSync(keyFile(task), "utf8") : null;
}

async function writeStatistics(task: Task): Promise<void> {
  const [tf, { Network }] = await Promise.all([import("@tensorflow/tfjs-core"), import("./network")]);
  const network = new Network(readCheckpointFolder(folderOf(task)));
  const sum = (count: number, of: (batch: tf.Tensor2D) => Record<string, tf.Tensor>): Statistics => {
    const { images } = statisticsDigits(task, count);
    const sums: Statistics = new Map();
    for (let first = 0; first < count; first += BATCH) {
      const size = Math.min(BATCH, count - first);
      tf.tidy(() => {
        const batch = tf.tensor2d(images.subarray(first * PIXELS, (first + size) * PIXELS), [size, PIXELS]);
        for (const [name, tensor] of Object.entries(of(batch))) addTo(sums, name, tensor);
      });
    }
    return sums;
  };
  const fisher = sum(FISHER_IMAGES, (batch) => network.fisher(batch));
  for (const { values } of fisher.values()) values.forEach((value, i) => (values[i] = value / FISHER_IMAGES));
  const gram = sum(GRAM_IMAGES, (batch) => network.gram(batch));
  for (const { values, shape } of gram.values()) addRidge(values, shape[0] ?? 0);
  network.dispose();
  write(join(folderOf(task), FISHER_FILE), fisher);
  write(join(folderOf(task), GRAM_FILE), gram);
}

type Statistics = Map<string, { shape: number[]; values: Float64Array }>;

function addTo(sums: Statistics, name: string, tensor: tf.Tensor): void {
  const sum = sums.get(name) ?? { shape: tensor.shape, values: new Float64Array(tensor.size) };
  tensor.dataSync().forEach((value, i) => (sum.values[i] += value));
  sums.set(name, sum);
}

function addRidge(gram: Float64Array, order: number): void {
  let trace = 0;
  for (let i = 0; i < order; i++) trace += gram[i * (order + 1)] ?? 0;
  for (let i = 0; i < order; i++) gram[i * (order + 1)] += (RIDGE * trace) / order;
}

function write(path: string, statistics: Statistics): void {
  const tensors = [...statistics].map(([name, tensor]) => [name, { dtype: "F32" as const, ...tensor }]);
  writeFileSync(`${path}.new`, safetensorsBytes(Object.fromEntries(tensors)));
  renameSync(`${path}.new`, path);
}
