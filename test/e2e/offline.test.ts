import { connectionRecords, editorTest } from "./harness/editorTest";

// Every test of this folder fails when something connects to another machine; this one shows that it would be seen.
editorTest("connections are recorded in the extension's process", async ({ editor }) => {
  await editor.questions.runCommand("TIES Merge: Show Log");
  await editor.until("a record of the extension's process", async () =>
    connectionRecords().some(({ started }) => started?.includes("--type=extensionHost")),
  );
});
