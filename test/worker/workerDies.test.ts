import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ComputePool } from "../../src/worker/pool";
import { startEngineWorker } from "../../src/worker/engineClient";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { writeRandomSet } from "../fixtures/randomSet";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();

const release = (pool: ComputePool): Promise<void> => pool.run("release", () => null);

it("a compute worker that exits fails its job, and the next job gets a new one", async () => {
  const script = join(folder, "dies.js");
  writeFileSync(
    script,
    `const { parentPort } = require("node:worker_threads");
     const { existsSync, writeFileSync } = require("node:fs");
     parentPort.on("message", ({ id }) => {
       if (existsSync(${JSON.stringify(join(folder, "died"))})) parentPort.postMessage({ kind: "result", id });
       else { writeFileSync(${JSON.stringify(join(folder, "died"))}, ""); process.exit(7); }
     });`,
  );
  const pool = new ComputePool(1, script);
  const first = release(pool);
  const second = release(pool);
  await expect(first).rejects.toMatchObject({ code: "worker-died", details: { message: "exit code 7" } });
  await expect(second).resolves.toBeUndefined();
  await pool.close();
});

it("a worker that throws outside a job fails the job with its message", async () => {
  const script = join(folder, "throws.js");
  writeFileSync(
    script,
    `require("node:worker_threads").parentPort.on("message", () => setTimeout(() => { throw new Error("boom"); }));`,
  );
  const pool = new ComputePool(1, script);
  await expect(release(pool)).rejects.toMatchObject({ code: "worker-died", details: { message: "boom" } });
  await pool.close();
});

it("closing a pool rejects what runs and what waits", async () => {
  const script = join(folder, "silent.js");
  writeFileSync(script, `require("node:worker_threads").parentPort.on("message", () => undefined);`);
  const pool = new ComputePool(1, script);
  const jobs = [release(pool), release(pool)];
  const settled = Promise.allSettled(jobs);
  await pool.close();
  for (const { status } of await settled) expect(status).toBe("rejected");
  await expect(release(pool)).rejects.toMatchObject({ code: "cancelled" });
});

it("disposing the background worker rejects its calls", async () => {
  const { base, models } = writeRandomSet(folder, { models: ["one"], layers: 2, edge: 800 });
  const worker = startEngineWorker({ threads: 1 });
  const set = createMergeSet({ base, models: models.map((path) => ({ path })) });
  const report = worker.api.inspect({ set });
  const settled = expect(report).rejects.toMatchObject({ code: "cancelled" });
  await worker.dispose();
  await settled;
  expect(worker.alive).toBe(false);
  await expect(worker.api.inspect({ set })).rejects.toMatchObject({ code: "cancelled" });
});
