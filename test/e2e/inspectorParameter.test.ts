import { join } from "node:path";
import { expect } from "vitest";
import type { CheckpointInfo } from "../../src/protocol/engineApi";
import { readTensor } from "../fixtures/readTensor";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { filterTensors, inspectFlags, openInspector, openTensor, shownParameter, ungroup } from "./harness/inspector";
import type { ShownParameter } from "./harness/inspector";

editorTest("the parameter under the pointer is that of the merged file", async ({ editor, workspace }) => {
  const set = { models: workspace.models.slice(0, 3), density: 0.3 };
  await openInspector(editor, set);
  tiesMerge("merge", "--out", workspace.path("merged"), ...inspectFlags(workspace, set));
  const { tensors } = JSON.parse(tiesMerge("info", workspace.base, "--json")) as CheckpointInfo;
  // A square fills its picture.
  const { name, shape } = tensors.find(({ shape: [rows, columns] }) => rows === columns)!;
  const columns = shape[1]!;

  await ungroup(editor);
  await filterTensors(editor, name);
  await openTensor(editor, name);
  const map = editor.webview.getByRole("application", { name: "Elected signs" });
  const merged = readTensor(join(workspace.path("merged"), "model.safetensors"), name);

  let shown: ShownParameter | null = null;
  for (const share of [0.2, 0.45, 0.8]) {
    const { width, height } = (await map.boundingBox())!;
    await map.hover({ position: { x: width * share, y: height * share } });
    shown = await shownParameter(editor, shown);
    const { row, column, result } = shown;
    const value = merged[row * columns + column]!;
    expect(Number(result), `entry [${row}, ${column}]`).toBe(Number(value.toPrecision(6)));
  }
  await editor.screenshot("inspector with a tensor");
});
