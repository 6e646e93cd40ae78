/** Files that change under an open panel: it says which, shows nothing silently, and reads them anew on demand. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { ChangedFile } from "../../src/protocol/inspector";
import { chooseTensor, openInspector, openTab, shoot, THEMES, whenDrawn, whenExact } from "./inspectorPage";
import { violations } from "./violations";

const CHANGED: ChangedFile[] = [
  { model: "code", path: "/checkpoints/code/model-00002-of-00002.safetensors", gone: false },
  { model: null, path: "/checkpoints/llama-small/model.safetensors", gone: true },
];
const BANNER = "Files have changed since this set was opened";

const change = (page: Page, files: ChangedFile[]): Promise<void> =>
  page.evaluate((changed) => {
    window.standIn.changed = changed;
  }, files);
const focusWindow = (page: Page): Promise<boolean> => page.evaluate(() => window.dispatchEvent(new Event("focus")));
const calls = (page: Page, name: string): Promise<number> =>
  page.evaluate((of) => window.standIn.calls.filter(({ method }) => method === of).length, name);

for (const theme of THEMES) {
  test(`names the files when the window is looked at again, and reloads, in ${theme}`, async () => {
    const { page, root, problems, close } = await openInspector(
      { fixture: "small", models: 3, sampled: true },
      { theme },
    );
    await whenExact(root);
    expect(await root.getByText(BANNER).count()).toBe(0);
    await change(page, CHANGED);
    await focusWindow(page);
    const banner = root.getByRole("alert").filter({ hasText: BANNER });
    await banner.waitFor();
    expect(await banner.locator("li").allInnerTexts()).toEqual([
      "code: model-00002-of-00002.safetensors",
      "base: model.safetensors is there no more",
    ]);
    expect(await root.locator(".badge").innerText()).toBe("out of date");
    expect(await root.getByRole("button", { name: "Recompute exactly" }).count()).toBe(0);
    await shoot(page, `changed-${theme}`);
    expect(await violations(page)).toEqual([]);
    const counted = await calls(page, "statistics");
    await banner.getByRole("button", { name: "Reload" }).click();
    await whenExact(root);
    expect(await root.getByText(BANNER).count()).toBe(0);
    expect([await calls(page, "reload"), await calls(page, "open"), await calls(page, "statistics")]).toEqual([
      1,
      2,
      counted + 1,
    ]);
    expect(problems).toEqual([]);
    await close();
  });
}

test("a request that fails because of it shows the banner, and one message only", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  await change(page, CHANGED);
  await root.getByRole("checkbox", { name: "Merge code" }).click();
  await root.getByText(BANNER).waitFor();
  expect(await root.getByRole("alert").count()).toBe(1);
  // What is chosen stays chosen.
  await root.getByRole("button", { name: "Reload" }).click();
  await root.locator(".badge.sampled").waitFor();
  expect(await root.getByRole("checkbox", { name: "Merge code" }).isChecked()).toBe(false);
  await close();
});

test("is noticed without any request, within seconds", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3 });
  await whenExact(root);
  await change(page, CHANGED);
  await expect.poll(() => root.getByText(BANNER).count(), { timeout: 8000 }).toBe(1);
  await close();
});

test("a saved picture says that its files have changed", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3 });
  await whenExact(root);
  await change(page, CHANGED);
  await focusWindow(page);
  await root.getByText(BANNER).waitFor();
  await root.getByRole("button", { name: "Export" }).click();
  await root.getByRole("menuitem", { name: "Pairs as SVG…" }).click();
  await expect.poll(() => calls(page, "savePicture")).toBe(1);
  const svg = await page.evaluate(() => {
    const saved = window.standIn.calls.find(({ method }) => method === "savePicture");
    return (saved?.params as { content: string }).content;
  });
  expect(svg).toContain("of files that have changed since");
  await close();
});

test("a tensor's pictures are read anew", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3 });
  await whenExact(root);
  await chooseTensor(root, "model.layers.0.self_attn.q_proj.weight");
  await whenDrawn(page);
  const before = await calls(page, "tile");
  await change(page, CHANGED);
  await focusWindow(page);
  await root.getByRole("button", { name: "Reload" }).click();
  await whenExact(root);
  await whenDrawn(page);
  expect(await calls(page, "tile")).toBeGreaterThan(before);
  await openTab(root, "Overview");
  expect(problems).toEqual([]);
  await close();
});
