import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { startEngineWorker } from "../../src/worker/engineClient";
import { MergeJournal } from "../../src/worker/mergeJournal";
import { quietContext } from "../fixtures/mergeCase";
import { writeRandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
// Large enough that most of an inspection is still to be done when its first progress arrives, on any machine.
const random = writeRandomSet(folder, { models: ["one", "two"], layers: 12, edge: 1500 });
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
    // At the first tensor that is finished (a bias is one stretch): that is there to be resumed, and most of the work
    // is still to be done.
    const noteStretch = MergeJournal.prototype.noteStretch;
    const noted = vi.spyOn(MergeJournal.prototype, "noteStretch").mockImplementation(function (
      this: MergeJournal,
      ...note
    ) {
      noteStretch.apply(this, note);
      if (!note[0].endsWith(".bias")) return;
      cancelledAt ||= performance.now();
      controller.abort();
    });
    const merge = engine
      .merge({ set: setWith(trimScope), output, statistics: false }, { ...quietContext, signal: controller.signal })
      .finally(() => noted.mockRestore());
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
