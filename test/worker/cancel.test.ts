import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { JOURNAL_FILE, partialFolderOf } from "../../src/io/partialFolder";
import { createEngine } from "../../src/worker/engine";
import { startEngineWorker } from "../../src/worker/engineClient";
import { quietContext } from "../fixtures/mergeCase";
import { writeRandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
// Large enough that a merge takes seconds on any machine.
const random = writeRandomSet(folder, { models: ["one", "two"], layers: 6, edge: 1500 });
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const setWith = (trimScope: "model" | "tensor"): MergeSet =>
  createMergeSet({ base: random.base, models: random.models.map((path) => ({ path })), rules: { trimScope } });

/** Cancellation is looked for between chunks; a busy test machine gets a margin over the 200 ms that are promised. */
const MOST_MILLISECONDS = 1000;

for (const trimScope of ["model", "tensor"] as const) {
  it(`a merge in ${trimScope} scope ends at once, leaves no output, and can be resumed`, async () => {
    const output = { out: join(folder, `merged-${trimScope}`), shardSize: 5e9, overwrite: false, resume: false };
    const controller = new AbortController();
    let cancelledAt = 0;
    const journal = join(partialFolderOf(output.out), JOURNAL_FILE);
    // Once a first stretch is finished: that is there to be resumed, and most of the work is still to be done.
    const watch = setInterval(() => {
      if (cancelledAt > 0 || !existsSync(journal) || !readFileSync(journal, "utf8").includes('"stretch"')) return;
      cancelledAt = performance.now();
      controller.abort();
    }, 5);
    const merge = engine
      .merge({ set: setWith(trimScope), output, statistics: false }, { ...quietContext, signal: controller.signal })
      .finally(() => clearInterval(watch));
    await expect(merge).rejects.toMatchObject({ code: "cancelled" });
    expect(performance.now() - cancelledAt).toBeLessThan(MOST_MILLISECONDS);
    expect(existsSync(output.out)).toBe(false);
    const result = await engine.merge(
      { set: setWith(trimScope), output: { ...output, resume: true }, statistics: false },
      quietContext,
    );
    expect(result.resumedTensors).toBeGreaterThan(0);
    expect(existsSync(join(output.out, "model.safetensors"))).toBe(true);
  }, 60_000);
}

it("an inspection on the background worker ends at once", async () => {
  const worker = startEngineWorker({ threads: 2 });
  const controller = new AbortController();
  let cancelledAt = 0;
  const report = worker.api.inspect(
    { set: setWith("model") },
    {
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (cancelledAt > 0 || done === 0) return;
        cancelledAt = performance.now();
        controller.abort();
      },
    },
  );
  await expect(report).rejects.toMatchObject({ code: "cancelled" });
  expect(performance.now() - cancelledAt).toBeLessThan(MOST_MILLISECONDS);
  await worker.dispose();
}, 60_000);
