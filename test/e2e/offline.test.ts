import { expect } from "vitest";
import { connectionRecords, editorTest } from "./harness/editorTest";

// Every test of this folder fails when something connects to another machine; this one shows that it would be seen.
editorTest("connections are recorded in the extension's process", async ({ editor }) => {
  await editor.runCommand("TIES Merge: Show Log");
  const programs = connectionRecords().map(({ started }) => started ?? "");
  expect(programs.filter((program) => program.includes("--type=extensionHost"))).not.toEqual([]);
});
