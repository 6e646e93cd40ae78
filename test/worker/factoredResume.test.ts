/** A merge of adapters' changes can be cancelled, and goes on from the modules that were finished. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { createEngine } from "../../src/worker/engine";
import { MergeJournal } from "../../src/worker/mergeJournal";
import { quietContext, seeded } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeAdapter, type FixtureModule } from "../fixtures/writeAdapter";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const random = seeded(5);
const values = (count: number): number[] => Array.from({ length: count }, () => random() - 0.5);
for (const name of ["one", "two"]) {
  const modules = Array.from({ length: 12 }, (_, layer): [string, FixtureModule] => [
    `layers.${layer}.q`,
    { rank: 3, a: values(3 * 190), b: values(3 * 210) },
  ]);
  writeAdapter(join(folder, name), Object.fromEntries(modules));
}

it.each(["model", "tensor"] as const)("in %s scope, to the same bytes", async (trimScope) => {
  const models = ["one", "two"].map((name) => ({ path: join(folder, name) }));
  const set = createMergeSet({ adapters: true, models, rank: 4, rules: { trimScope } });
  const output = { out: join(folder, `stopped-${trimScope}`), shardSize: 1e9, overwrite: false, resume: false };
  const controller = new AbortController();
  const noteStretch = MergeJournal.prototype.noteStretch;
  const noted = vi.spyOn(MergeJournal.prototype, "noteStretch").mockImplementation(function (
    this: MergeJournal,
    ...note
  ) {
    noteStretch.apply(this, note);
    controller.abort();
  });
  const stopped = engine
    .merge({ set, output, statistics: false }, { ...quietContext, signal: controller.signal })
    .finally(() => noted.mockRestore());
  await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
  expect(existsSync(output.out)).toBe(false);

  const resumed = await engine.merge({ set, output: { ...output, resume: true }, statistics: false }, quietContext);
  expect(resumed.resumedTensors).toBeGreaterThan(0);
  expect(resumed.resumedTensors).toBeLessThan(12);
  const whole = { ...output, out: join(folder, `whole-${trimScope}`) };
  const { factoring } = await engine.merge({ set, output: whole, statistics: false }, quietContext);
  expect(resumed.factoring).toEqual(factoring);
  const [first, second] = [output, whole].map(({ out }) => readFileSync(join(out, "adapter_model.safetensors")));
  expect(first.equals(second)).toBe(true);
});
