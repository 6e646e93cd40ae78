/**
 * Nanoseconds of processor time an entry, one thread, of every kernel beside its plain twin: medians over rounds in
 * which both run (and the fastest round of SIMD, the one least disturbed), on chunks of 64 Ki entries with a
 * heavy-tailed task vector. `npm run bench -- kernels`.
 */
import { encode } from "../../src/engine/format/encode";
import { chooseKernels, type KernelChoice } from "../../src/engine/kernels/chooseKernels";
import { BYTES_OF, type ReaderRoom } from "../../src/engine/kernels/chunkReader";
import type { Kernels, MergeParameters, TiesChunkRules } from "../../src/engine/kernels/kernels";
import { CHUNK_ELEMENTS, type RawChunk } from "../../src/engine/kernels/rawChunk";
import { wholeWindow, windowBetween, type MagnitudeWindow } from "../../src/engine/merge/magnitudeWindow";
import { Selection } from "../../src/engine/merge/select";
import type { TrimRule } from "../../src/engine/merge/trim";
import { TallyLayout } from "../../src/engine/stats/tally";
import { PRESETS, type FloatDtype } from "../../src/protocol/mergeSet";
import { seeded } from "../fixtures/mergeCase";
import { printTable, type Row } from "./table";

const ROUNDS = 7;
/** Processor time of one sample: enough for the clock's resolution. */
const SAMPLE_MS = 30;
const DENSITY = 0.2;

interface Kernel {
  name: string;
  run(kernels: Kernels, choice: KernelChoice, chunk: RawChunk): void;
}

function main(): void {
  const simd = chooseKernels();
  const plain = chooseKernels("plain");
  for (const models of [2, 4, 8]) {
    const rows = (["BF16", "F32", "F16"] as const).flatMap((dtype) => {
      const rules = rulesOf(plain, chunkOf(plain.room, dtype, models));
      return kernelsOf(dtype, models, rules).map((kernel): Row => {
        const [fast, slow] = times(kernel, [simd, plain], dtype, models);
        const ratio = (slow.median / fast.median).toFixed(0);
        return [kernel.name, dtype, fast.median.toFixed(2), fast.fastest.toFixed(2), slow.median.toFixed(1), ratio];
      });
    });
    const title = `Kernels: ns an entry, N = ${models}, chunks of ${CHUNK_ELEMENTS} entries, density ${DENSITY}`;
    printTable(title, ["", "dtype", simd.name, "fastest", plain.name, "ratio"], rows);
  }
}

function kernelsOf(dtype: FloatDtype, models: number, rules: TrimRule[]): Kernel[] {
  const parameters: MergeParameters = {
    method: "ties",
    lambda: 1,
    rules: PRESETS.reference,
    normalize: true,
    nonFinite: "error",
    weights: Array.from({ length: models }, () => 1),
  };
  const ties: TiesChunkRules = { rules, zeroSign: 1 };
  const tally = new TallyLayout(models).allocate();
  const whole = wholeWindow(15);
  const guess = windowAround(rules[0].threshold);
  const merge =
    (change: Partial<MergeParameters>, statistics: boolean): Kernel["run"] =>
    (kernels, { output }, chunk) => {
      const into = { dtype, bytes: output.subarray(0, BYTES_OF[dtype] * CHUNK_ELEMENTS) };
      kernels.merge(chunk, { ...parameters, ...change }, ties, into, statistics ? tally : null);
    };
  return [
    { name: "count a model, whole", run: count(whole) },
    { name: "count a model, guess", run: count(guess) },
    { name: "ties", run: merge({}, false) },
    { name: "ties, statistics", run: merge({}, true) },
    { name: "ties, weights 0.3", run: merge({ weights: parameters.weights.map(() => 0.3) }, false) },
    { name: "task arithmetic", run: merge({ method: "task_arithmetic" }, false) },
    {
      name: "statistics alone",
      run: (kernels, _, chunk) => void kernels.merge(chunk, parameters, ties, null, tally),
    },
  ];
}

const emptied = new Map<Kernels, Map<MagnitudeWindow, Uint32Array>>();

/** Counts model 0. Emptied once: counts take many chunks. */
function count(window: MagnitudeWindow): Kernel["run"] {
  return (kernels, _, chunk) => {
    const own = emptied.get(kernels) ?? new Map<MagnitudeWindow, Uint32Array>();
    emptied.set(kernels, own);
    const counts = own.get(window) ?? kernels.emptyCounts(0, window);
    own.set(window, counts);
    kernels.countMagnitudes(chunk, [window], "error", [counts]);
  };
}

/** As wide as guesses are for a tensor of a few million entries. */
function windowAround(magnitude: number): MagnitudeWindow {
  const [bits] = new Uint32Array(new Float32Array([magnitude]).buffer);
  return windowBetween(bits - 100_000, bits + 100_000);
}

/** θ₀ as a trained layer has it, and θ_t with a few large and many small differences, where the kernels like it. */
function chunkOf(room: ReaderRoom, dtype: FloatDtype, models: number): RawChunk {
  const random = seeded(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const base = Float32Array.from({ length: CHUNK_ELEMENTS }, () => 0.03 * normal());
  const [first, ...others] = room.take(Array.from({ length: models + 1 }, () => BYTES_OF[dtype] * CHUNK_ELEMENTS));
  encode(dtype, base, first, CHUNK_ELEMENTS);
  for (const bytes of others) {
    const tuned = base.map((value) => value + (0.001 * normal()) / (0.3 + random()));
    encode(dtype, tuned, bytes, CHUNK_ELEMENTS);
  }
  return {
    count: CHUNK_ELEMENTS,
    start: 0,
    base: { dtype, bytes: first },
    models: others.map((bytes) => ({ dtype, bytes })),
    wide: false,
  };
}

function rulesOf(choice: KernelChoice, chunk: RawChunk): TrimRule[] {
  const kernels = choice.kernelsFor(chunk.models.length);
  return chunk.models.map((_, model) => {
    const selection = new Selection(chunk.count, DENSITY, "inclusive", false);
    for (let window = selection.nextWindow(); window; window = selection.nextWindow()) {
      const only = chunk.models.map((_, t) => (t === model ? window : null));
      const counts = only.map((own, t) => own && kernels.emptyCounts(t, own));
      kernels.countMagnitudes(chunk, only, "error", counts);
      if (counts[model]) selection.take(counts[model]);
    }
    return selection.rule();
  });
}

interface Time {
  median: number;
  fastest: number;
}

/** Times of all choices, which take turns. */
function times({ run }: Kernel, choices: KernelChoice[], dtype: FloatDtype, models: number): Time[] {
  const runners = choices.map((choice) => {
    const [kernels, chunk] = [choice.kernelsFor(models), chunkOf(choice.room, dtype, models)];
    return () => run(kernels, choice, chunk);
  });
  const samples = runners.map((): number[] => []);
  for (const runner of runners) sample(runner);
  for (let round = 0; round < ROUNDS; round++) runners.forEach((runner, at) => samples[at].push(sample(runner)));
  return samples.map((own) => {
    own.sort((a, b) => a - b);
    return { median: own[ROUNDS >> 1], fastest: own[0] };
  });
}

/** Nanoseconds an entry of this process's time on the processor. */
function sample(run: () => void): number {
  const before = process.cpuUsage();
  let runs = 0;
  for (;;) {
    run();
    runs++;
    const { user, system } = process.cpuUsage(before);
    const microseconds = user + system;
    if (microseconds >= 1000 * SAMPLE_MS) return (1000 * microseconds) / (runs * CHUNK_ELEMENTS);
  }
}

main();
