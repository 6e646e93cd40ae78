/** The memory plan: fewer threads and smaller buffers until it fits the limit. */
import { describe, expect, it } from "vitest";
import { planMemory, type Workload } from "../../src/engine/plan/memory";
import { expectCode } from "../fixtures/expectCode";

const MiB = 2 ** 20;
const work: Workload = { models: 4, headerEntries: 1500, reportedTensors: 0, factorBytes: 0, kernels: "simd" };

describe("the memory plan", () => {
  it("counts what adapters take in every worker", () => {
    const [plain, adapted] = [work, { ...work, factorBytes: 5 * MiB }].map((load) => planMemory(load, 4, 4000 * MiB));
    expect(adapted.estimate - plain.estimate).toBe(20 * MiB);
  });

  it("never expects more than the limit", () => {
    for (let limit = 150; limit < 2000; limit += 50) {
      const { estimate, threads } = planMemory(work, 8, limit * MiB);
      expect(estimate).toBeLessThanOrEqual(limit * MiB);
      expect(threads).toBeGreaterThanOrEqual(1);
    }
  });

  it("gives up threads before it refuses", () => {
    const threads = [2000, 500, 250].map((limit) => planMemory(work, 8, limit * MiB).threads);
    expect(threads[0]).toBe(8);
    expect(threads[2]).toBeLessThan(threads[1] ?? 0);
  });

  it("is at most 256 MiB for two threads and a usual model", () => {
    for (const models of [2, 4, 8])
      expect(planMemory({ ...work, models }, 2, 1024 * MiB).estimate).toBeLessThan(256 * MiB);
  });

  it("counts the statistics of every reported tensor", () => {
    const reported = { ...work, models: 8, reportedTensors: 10_000 };
    expect(planMemory(reported, 1, 2048 * MiB).estimate).toBeGreaterThan(planMemory(work, 1, 2048 * MiB).estimate);
  });

  it("says what one thread needs where that is more than the limit", () => {
    const { details } = expectCode("memory-too-small", () => planMemory(work, 8, 100 * MiB));
    expect(() => planMemory(work, 8, Number(details.needed) * MiB)).not.toThrow();
  });
});
