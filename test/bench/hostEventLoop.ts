/**
 * The editor's promise: while the engine merges in its background thread, the thread that asked (VS Code's
 * extension host) is never held up for more than 50 ms. Measured while 200 MB are merged with their statistics.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { startEngineWorker } from "../../src/worker/engineClient";
import { writeRandomSet } from "../fixtures/randomSet";

const LIMIT_MS = 50;
/** A timer of Node is a millisecond late even in a thread that does nothing. */
const RESOLUTION_MS = 1;

interface Delay {
  p50: number;
  p99: number;
  max: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ties-merge-bench-"));
  try {
    const { base, models, bytes } = writeRandomSet(folder, { models: ["a", "b", "c"], layers: 12, edge: 1024 });
    const inputBytes = bytes * (1 + models.length);
    print(`inputs: ${(inputBytes / 1e6).toFixed(0)} MB, ${models.length} models, F32`);

    const idle = await delayDuring(() => new Promise((done) => setTimeout(done, 2_000)));
    print(`idle:      ${describe(idle.delay)}`);

    const set = createMergeSet({ base, models: models.map((path) => ({ path })) });
    const output = { out: join(folder, "merged"), shardSize: 5e9, overwrite: false, resume: false };
    let messages = 0;
    const merge = await delayDuring(async () => {
      const engine = startEngineWorker();
      try {
        await engine.api.merge(
          { set, output, statistics: true },
          {
            onProgress: () => {
              messages += 1;
            },
          },
        );
      } finally {
        await engine.dispose();
      }
    });
    print(`merging:   ${describe(merge.delay)}  in ${merge.seconds.toFixed(1)} s, ${messages} progress messages`);
    const kept = merge.delay.max < LIMIT_MS;
    print(`longest delay ${kept ? "under" : "NOT under"} ${LIMIT_MS} ms`);
    if (!kept) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function delayDuring(work: () => Promise<unknown>): Promise<{ delay: Delay; seconds: number }> {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const begin = performance.now();
  monitor.enable();
  await work();
  monitor.disable();
  const milliseconds = (nanoseconds: number): number => nanoseconds / 1e6;
  return {
    delay: {
      p50: milliseconds(monitor.percentile(50)),
      p99: milliseconds(monitor.percentile(99)),
      max: milliseconds(monitor.max),
    },
    seconds: (performance.now() - begin) / 1000,
  };
}

const describe = ({ p50, p99, max }: Delay): string =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

void main();
