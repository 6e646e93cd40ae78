import { expect } from "vitest";
import { editorTest } from "./harness/editorTest";
import { appears } from "./harness/appears";
import { openInspector, openTensor, plainText, showTensors, tensorRow } from "./harness/inspector";
import type { Editor } from "./harness/editor";
import { ALL_THEMES, useTheme } from "./harness/themes";
import type { Workspace } from "./harness/workspace";
import { violations } from "../webview/violations";

/** The window as high as the view's content: all of it in one picture. */
const WHOLE = { width: 1640, height: 1500 };
const USUAL = { width: 1640, height: 1000 };

/** A view in every theme, with nothing that an accessibility rule forbids. */
async function inEveryTheme(editor: Editor, workspace: Workspace, view: string): Promise<void> {
  await editor.page.setViewportSize(WHOLE);
  const found: Record<string, string[]> = {};
  for (const theme of ALL_THEMES) {
    await useTheme(editor, workspace, theme);
    await editor.screenshot(`${view} in ${theme}`);
    found[theme] = await violations(await editor.webviewFrame());
  }
  expect(found, view).toEqual(Object.fromEntries(ALL_THEMES.map((theme) => [theme, []])));
  await editor.page.setViewportSize(USUAL);
}

/** The pictures of the README are these screenshots. */
editorTest("a tensor is seen whole, then parameter by parameter", async ({ editor, workspace }) => {
  await editor.page.setViewportSize(USUAL);
  await openInspector(editor, { models: workspace.models.slice(0, 4), density: 0.2 });
  await editor.hideSideBar();
  const curves = editor.webview.locator("ties-curves");
  await curves
    .getByText(/conflict/i)
    .first()
    .waitFor();
  await curves.getByText("not counted yet").waitFor({ state: "hidden" });
  await editor.screenshot("the whole model");
  await inEveryTheme(editor, workspace, "the whole model");

  await showTensors(editor);
  const tensor = "model.layers.0.mlp.weight";
  const layer = editor.webview
    .getByRole("treegrid")
    .locator("[role=row]")
    .filter({ hasText: "model.layers.0" })
    .first();
  await editor.untilShown(tensorRow(editor, tensor), () => layer.click({ position: { x: 60, y: 10 } }));
  await openTensor(editor, tensor);
  const map = editor.webview.getByRole("application", { name: "Merged task vector" });
  await map.scrollIntoViewIfNeeded();
  await editor.webview.locator(".badge.exact").waitFor();
  await editor.webview.getByRole("progressbar").waitFor({ state: "hidden" });
  await editor.screenshot("a tensor");
  await inEveryTheme(editor, workspace, "a tensor");

  const { width, height } = (await map.boundingBox())!;
  await map.hover({ position: { x: width * 0.52, y: height * 0.52 } });
  const place = editor.webview.getByText(/single parameters/).first();
  for (let notch = 0; notch < 40 && !(await appears(place, 200)); notch++) await editor.page.mouse.wheel(0, -100);
  await place.waitFor();
  await editor.page.mouse.wheel(0, -500);
  const panel = editor.webview.getByRole("region", { name: "One parameter" });
  await editor.untilShown(panel.getByText("pinned"), () =>
    map.click({ position: { x: width * 0.62, y: height * 0.52 } }),
  );
  const settled = panel.and(editor.webview.locator("[aria-busy=false]"));
  await settled.waitFor();
  // The next parameter to the right over which models disagree: of others there is less to read.
  const outvoted = panel.getByText(/[1-9]\d* against/);
  for (let step = 0; step < 60 && !(await appears(outvoted, 300)); step++)
    await editor.page.keyboard.press("ArrowRight");
  await outvoted.waitFor();
  await settled.waitFor();
  const steps = plainText(await panel.textContent());
  for (const step of ["Task vectors and trim", "Elect", "Disjoint merge", "Scale"]) expect(steps).toContain(step);
  await editor.screenshot("a parameter");
  await inEveryTheme(editor, workspace, "a parameter");
});
