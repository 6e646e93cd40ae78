import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import { totalsLine, totalsReady } from "./harness/inspector";

editorTest(
  "a recipe in the editor leads to the inspector, with the method that it names",
  async ({ editor, workspace }) => {
    const [a, b] = workspace.models;
    const models = [a, b].map((name) => `  - model: ${name}\n`).join("");
    const recipe = `merge_method: dare_ties\nbase_model: base\nmodels:\n${models}parameters: {density: 0.3, seed: 7}\n`;
    writeFileSync(workspace.path("dare.yml"), recipe);

    // The explorer lists what is there when the window opens.
    await editor.page.reload();
    const file = editor.explorer.row("dare.yml");
    await file.waitFor();
    const lens = editor.page.locator(".codelens-decoration a").getByText("Inspect interference");
    await editor.untilShown(lens, () => file.dblclick());
    await editor.untilShown(editor.webview.locator("ties-inspector"), () => lens.click({ timeout: 5_000 }));
    await totalsReady(editor);

    const { totals } = JSON.parse(
      tiesMerge("inspect", workspace.path("dare.yml"), "--json", "-"),
    ) as InterferenceReport;
    const share = (value: number): string => ((100 * value) / totals.elements).toFixed(1);
    const shown = await totalsLine(editor, "conflict (before → after trim)");
    expect(shown.at(-1)).toBe(`${share(totals.conflictBefore)} % → ${share(totals.conflict)} %`);
    await editor.webview
      .getByRole("combobox", { name: "Method" })
      .getByText("DARE-TIES")
      .waitFor({ state: "attached" });
    await editor.screenshot("inspector of a recipe");
  },
);
