import { join } from "node:path";
import { expect } from "vitest";
import type { CheckpointInfo } from "../../src/protocol/engineApi";
import { readTensor } from "../fixtures/readTensor";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { inspectFlags, openInspector, plainText, tensorRow } from "./harness/inspector";

editorTest("the parameter under the pointer is that of the merged file", async ({ editor, workspace }) => {
  const set = { models: workspace.models.slice(0, 3), density: 0.3 };
  await openInspector(editor, set);
  tiesMerge("merge", "--out", workspace.path("merged"), ...inspectFlags(workspace, set));
  const { tensors } = JSON.parse(tiesMerge("info", workspace.base, "--json")) as CheckpointInfo;
  // A square fills its picture.
  const { name, shape } = tensors.find(({ shape: [rows, columns] }) => rows === columns)!;
  const columns = shape[1]!;

  await editor.webview.getByRole("checkbox", { name: "Group by layer" }).click();
  await editor.webview.getByRole("textbox", { name: "Filter by name" }).fill(name);
  await tensorRow(editor, name).click();
  await editor.webview.getByRole("heading", { name }).waitFor();
  const map = editor.webview.getByRole("application", { name: "Elected signs" });
  const panel = editor.webview.getByRole("region", { name: "One parameter" });
  const merged = readTensor(join(workspace.path("merged"), "model.safetensors"), name);

  const seen = new Set<string>();
  for (const share of [0.2, 0.45, 0.8]) {
    const { width, height } = (await map.boundingBox())!;
    await map.hover({ position: { x: width * share, y: height * share } });
    const result = panel.locator(".result");
    await panel.and(editor.webview.locator("[aria-busy=false]")).waitFor();
    const [row, column] = plainText(await panel.locator(".place").textContent())
      .replaceAll(" ", "")
      .slice(1, -1)
      .split(",")
      .map(Number) as [number, number];
    seen.add(`${row},${column}`);
    const value = merged[row * columns + column]!;
    expect(Number(plainText(await result.textContent())), `entry [${row}, ${column}]`).toBe(
      Number(value.toPrecision(6)),
    );
  }
  expect(seen.size).toBe(3);
  await editor.screenshot("inspector with a tensor");
});
