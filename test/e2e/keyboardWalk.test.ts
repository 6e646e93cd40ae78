import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { editorTest } from "./harness/editorTest";
import { plainText, totalsReady } from "./harness/inspector";
import { Keyboard } from "./harness/keyboard";

editorTest("every view is reached and used by keyboard alone", async ({ editor, workspace }) => {
  const keyboard = new Keyboard(editor);
  const { webview } = editor;
  // All of them where the demo was not run; two and more of the demo's.
  const filter = workspace.models.some((name) => name.startsWith("sh")) ? "sh" : "task";

  await keyboard.runCommand("TIES Merge: Inspect Interference…");
  await keyboard.pick(/Which checkpoint were the models/, "base");
  await keyboard.tickAll(/Which models were/, filter);
  await keyboard.answer(/Density/, "0.3");
  await totalsReady(editor);
  const [first = ""] = workspace.models.filter((name) => name.includes(filter));

  // The set's bar.
  await keyboard.tabTo(`Merge ${first}`);
  await keyboard.press("Space");
  await webview.locator(".badge.sampled").waitFor();
  await keyboard.press("Space");
  await webview.locator(".badge.exact").waitFor();
  await keyboard.tabTo(/^Density/);
  await keyboard.press("ArrowRight");
  await keyboard.tabTo("Recompute exactly");
  await keyboard.press("Enter");
  await webview.locator(".badge.exact").waitFor();

  // The overview: map, who wins, pairs, curves.
  await keyboard.tabTo(/^Statistic that colours/);
  await keyboard.press("ArrowDown");
  await keyboard.tabTo(/^embeddings/);
  await keyboard.press("ArrowDown");
  expect(await keyboard.focused()).toMatch(/^layer 0/);
  await keyboard.tabTo(/^Lost mass by layer/);
  await keyboard.press("End");
  const strips = webview.getByRole("slider", { name: "Lost mass by layer" });
  await editor.until("the last layer's loss", async () =>
    /^layer [1-9]/.test((await strips.getAttribute("aria-valuetext")) ?? ""),
  );
  await keyboard.tabTo(/^Part of the model/);
  await keyboard.press("ArrowDown");
  await keyboard.tabTo(/^Pairs/);
  await keyboard.tabTo("Show as a table");
  await keyboard.press("Enter");
  await webview.locator("ties-curves table").first().waitFor();

  // A tensor: from the map to one parameter.
  await keyboard.tabTo(/^layer 0/, true);
  await keyboard.press("Enter");
  await webview.getByRole("heading", { name: /^model\.layers\.0/ }).waitFor();
  await keyboard.tabTo("Entries that are shown");
  await keyboard.press("ArrowDown", "ArrowUp");
  await keyboard.tabTo("Elected signs");
  await keyboard.press("+", "+", "+", "ArrowRight", "ArrowDown", "Enter");
  const panel = webview.getByRole("region", { name: "One parameter" });
  await panel.getByText("pinned").waitFor();
  await panel.and(webview.locator("[aria-busy=false]")).waitFor();
  expect(plainText(await panel.textContent())).toContain("Disjoint merge");
  await editor.screenshot("by keyboard, a parameter");
  await keyboard.press("Escape");
  await panel.getByText("Point at a picture").waitFor();

  // The table of tensors.
  await keyboard.tabTo("Layers and their statistics", true);
  const heading = webview.locator("ties-tensor-view h2");
  const before = await heading.textContent();
  await keyboard.press("Home", "ArrowRight", "ArrowDown", "Enter");
  await editor.until("another tensor to be opened", async () => (await heading.textContent()) !== before);

  // Export.
  await keyboard.tabTo("Export", true);
  await keyboard.press("Enter");
  const entry = "Report as JSON…";
  for (let press = 0; press < 20 && !(await keyboard.focused()).startsWith(entry); press++) {
    await keyboard.press("ArrowDown");
  }
  expect(await keyboard.focused()).toContain(entry);
  await keyboard.press("Enter");
  const file = workspace.path("by-keyboard.json");
  await keyboard.answer(/Save the Interference Report/, file);
  await editor.until(`${file} to be written`, async () => existsSync(file));
  const { models } = JSON.parse(readFileSync(file, "utf8")) as InterferenceReport;
  expect(models.map(({ name }) => name)).toEqual(workspace.models.filter((name) => name.includes(filter)));
});
