import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{unit,io,worker,cli,manifest}/**/*.test.ts"],
    globalSetup: "test/buildOnce.ts",
    testTimeout: 30_000,
  },
});
