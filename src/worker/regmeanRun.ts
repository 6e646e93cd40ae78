/** The way through the weights that RegMean solves for: one layer after the other, all workers on each. */
import { blocksOf, LowerTriangle } from "../engine/merge/cholesky";
import { layerBytes, SOLVED_ROWS } from "../engine/merge/regmean";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import { isFloatDtype } from "../engine/plan/matchTensors";
import type {
  JobBase,
  OutputPosition,
  RegmeanJob,
  RegmeanLayer,
  RegmeanStep,
  Stretch,
  StretchResult,
} from "./computeApi";
import { inputsOf, rangeOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";

export interface RegmeanHooks {
  output: (tensor: number) => OutputPosition;
  /** A stretch that an earlier run finished, or undefined. */
  finished: (tensor: number, stretch: Stretch) => StretchResult | undefined;
  /** All of a tensor had been finished by an earlier run. */
  onResumed: (tensor: number) => void;
  onStretch: (tensor: number, stretch: Stretch, result: StretchResult) => void;
  onTensor: (tensor: number, results: StretchResult[]) => void;
  onStart: (tensor: number) => void;
}

/** Whether a tensor comes out of a linear system. */
export const isSolved = ({ set, statistics }: PreparedSet, tensor: number): boolean =>
  set.method === "regmean" && statistics?.ofTensor[tensor] != null;

/** Tensors that come out of a linear system, in order; a weight without entries has none. */
const solvedTensors = (prepared: PreparedSet): number[] =>
  prepared.tensors.flatMap((_, index) => (isSolved(prepared, index) ? [index] : []));

/** The same set with the other tensors alone as work. */
export const withoutSolved = (prepared: PreparedSet): PreparedSet => ({
  ...prepared,
  units: prepared.units.map((unit) => ({
    ...unit,
    tensors: unit.tensors.filter((tensor) => !isSolved(prepared, tensor)),
  })),
});

/** What the largest system needs in memory beside `--memory`; null where there is none. */
export function largestLayer(prepared: PreparedSet): { tensor: string; bytes: number } | null {
  const layers = solvedTensors(prepared).map((index) => {
    const { name, shape } = prepared.tensors[index];
    return { tensor: name, bytes: layerBytes(shape[1], prepared.memory.threads) };
  });
  return layers.reduce<(typeof layers)[number] | null>(
    (most, layer) => (layer.bytes > (most?.bytes ?? 0) ? layer : most),
    null,
  );
}

/** Bytes that the systems are read from: the Gram matrices once to add them up and once for each stretch of outputs. */
export function regmeanBytes(prepared: PreparedSet): number {
  return solvedTensors(prepared).reduce((sum, index) => {
    const { shape, elements, models } = prepared.tensors[index];
    const [outputs, inputs] = shape;
    const grams = gramsOf(prepared, index).map(({ dtype }) => inputs * inputs * BYTES_OF[dtype]);
    const weights = models.reduce((all, { dtype }) => all + (isFloatDtype(dtype) ? elements * BYTES_OF[dtype] : 0), 0);
    const again = grams.slice(1).reduce((all, bytes) => all + bytes, 0) * Math.ceil(outputs / SOLVED_ROWS);
    return sum + grams.reduce((all, bytes) => all + bytes, 0) + again + 2 * weights;
  }, 0);
}

/** Solves for every weight that has Gram matrices and writes it. Throws `gram-*`, `non-finite`, `result-overflow`. */
export async function mergeByRegmean(prepared: PreparedSet, run: Run, hooks: RegmeanHooks): Promise<void> {
  for (const tensor of solvedTensors(prepared)) await mergeLayer(prepared, run, hooks, tensor);
}

async function mergeLayer(prepared: PreparedSet, run: Run, hooks: RegmeanHooks, tensor: number): Promise<void> {
  const stretches = stretchesOf(prepared.tensors[tensor].shape);
  const results = stretches.map((stretch) => hooks.finished(tensor, stretch));
  hooks.onStart(tensor);
  if (results.includes(undefined)) {
    const layer = layerOf(prepared, tensor);
    await factor(layer, run);
    await run.all(
      stretches.map(async (stretch, at) => {
        if (results[at]) return;
        const inputs = inputsOf(prepared, tensor, false);
        const result = await step(run, layer, () => ({ kind: "solve", inputs, stretch, output: hooks.output(tensor) }));
        if (!result) return;
        results[at] = result;
        hooks.onStretch(tensor, stretch, result);
      }),
    );
  } else if (stretches.length > 0) hooks.onResumed(tensor);
  hooks.onTensor(
    tensor,
    results.flatMap((result) => result ?? []),
  );
}

/** Whole rows, SOLVED_ROWS at a time. */
function stretchesOf([outputs, inputs]: readonly number[]): Stretch[] {
  const count = inputs === 0 ? 0 : Math.ceil(outputs / SOLVED_ROWS);
  return Array.from({ length: count }, (_, at) => {
    const first = at * SOLVED_ROWS;
    return { start: first * inputs, count: Math.min(SOLVED_ROWS, outputs - first) * inputs };
  });
}

function layerOf(prepared: PreparedSet, tensor: number): RegmeanLayer {
  const { name, shape } = prepared.tensors[tensor];
  const matrix = new SharedArrayBuffer(LowerTriangle.bytes(shape[1]));
  return { name, order: shape[1], grams: gramsOf(prepared, tensor), alpha: prepared.set.alpha, matrix };
}

const gramsOf = ({ statistics }: PreparedSet, tensor: number): RegmeanLayer["grams"] =>
  (statistics?.ofTensor[tensor] ?? []).map(rangeOf);

/** Blocks of one column that a worker factors in a job: few enough for all to have some. */
const BLOCKS_A_JOB = 4;

/** ΣG̃_t and its factor, column of blocks by column of blocks. */
async function factor(layer: RegmeanLayer, run: Run): Promise<void> {
  const blocks = Array.from({ length: blocksOf(layer.order) }, (_, block) => block);
  await run.all(blocks.map((block) => step(run, layer, () => ({ kind: "sum", block }))));
  for (const block of blocks) {
    await run.all([step(run, layer, () => ({ kind: "factor", block }))]);
    const below = blocks.slice(block + 1);
    const jobs = Array.from({ length: Math.ceil(below.length / BLOCKS_A_JOB) }, (_, at) =>
      below.slice(at * BLOCKS_A_JOB, (at + 1) * BLOCKS_A_JOB),
    );
    await run.all(jobs.map((rowBlocks) => step(run, layer, () => ({ kind: "below", block, rowBlocks }))));
  }
}

const step = (run: Run, layer: RegmeanLayer, make: () => RegmeanStep): Promise<StretchResult | null> =>
  run.submit("regmean", (): Omit<RegmeanJob, keyof JobBase> => ({ layer, step: make() }));
