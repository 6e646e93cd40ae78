/** A merge goes through the files as often as it plans to: a guess of the thresholds that is too wide costs a pass. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeProgress } from "../../src/protocol/engineApi";
import { TRIM_SCOPES } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { writeRandomSet, type RandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
let files: RandomSet;
beforeAll(() => {
  files = writeRandomSet(join(folder, "set"), { models: ["math", "code"], layers: 24, edge: 1024 });
}, 60_000);
afterAll(() => engine.close());

it.each(TRIM_SCOPES)(
  "one for the thresholds and one for the merge, scope %s",
  { timeout: 60_000 },
  async (trimScope) => {
    const set = createMergeSet({
      base: files.base,
      models: files.models.map((path) => ({ path })),
      rules: { trimScope },
    });
    const seen: MergeProgress[] = [];
    const context = { signal: new AbortController().signal, progress: (at: MergeProgress) => void seen.push(at) };
    const output = { out: join(folder, trimScope), shardSize: 1e9, overwrite: false, resume: false };
    await engine.merge({ set, output, statistics: false }, context);
    const merging = seen.filter(({ phase }) => phase === "merge");
    expect(merging.length).toBeGreaterThan(0);
    // With a pass more than planned, all would seem to be done while it is still being merged.
    expect(merging[0]!.done / merging[0]!.total).toBeLessThan(0.75);
    const { done, total } = seen.at(-1)!;
    expect(done / total).toBeGreaterThan(0.99);
  },
);
