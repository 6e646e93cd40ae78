/** What nobody looks at any more is cancelled, and a hidden panel asks for nothing. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, whenDrawn, whenExact } from "./inspectorPage";

test("tiles of a tensor that was left are cancelled", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 1, hang: ["tile"] });
  await whenExact(root);
  await chooseTensor(root, "lm_head.weight");
  await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "tile"));
  await root.locator("ties-tensor-view vscode-progress-ring").waitFor();
  await page.evaluate(() => window.standIn.hang.clear());
  await chooseTensor(root, "model.embed_tokens.weight");
  await page.waitForFunction(() => window.standIn.cancelled.includes("tile"));
  await whenDrawn(page);
  expect(await root.getByRole("alert").count()).toBe(0);
  expect(problems).toEqual([]);
  await close();
});

test("a hidden panel asks for nothing new", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 1 });
  await whenExact(root);
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
  });
  await chooseTensor(root, "lm_head.weight");
  await page.waitForTimeout(400);
  const tiles = (): Promise<number> =>
    page.evaluate(() => window.standIn.calls.filter(({ method }) => method === "tile").length);
  expect(await tiles()).toBe(0);
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await whenDrawn(page);
  expect(await tiles()).toBeGreaterThan(0);
  await close();
});
