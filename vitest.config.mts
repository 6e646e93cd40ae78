import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{unit,io,worker,cli,manifest}/**/*.test.ts"],
    globalSetup: "test/buildOnce.ts",
    // Also on two cores, where one would be left to itself.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
  },
});
