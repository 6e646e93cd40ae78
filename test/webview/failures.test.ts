/** Whatever fails says so in its place, and Retry goes on from there. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, whenDrawn, whenExact } from "./inspectorPage";

test("opening, statistics, pictures and parameters", async () => {
  const { page, root, problems, close } = await openInspector({
    fixture: "network",
    models: 2,
    failures: { open: 1, statistics: 1, tile: 1 },
  });
  const alert = root.getByRole("alert");
  const retry = alert.getByRole("button", { name: "Retry" });

  await alert.getByText("no open today (model.safetensors)").waitFor();
  await retry.click();
  await alert.getByText("no statistics today").waitFor();
  await root.locator(".badge.failed").waitFor();
  await alert.getByRole("button", { name: "Show Log" }).click();
  await retry.click();
  await whenExact(root);
  expect(await alert.count()).toBe(0);

  await chooseTensor(root, "lm_head.weight");
  await alert.getByText("no tile today").waitFor();
  await retry.click();
  await whenDrawn(page);
  expect(await alert.count()).toBe(0);

  // Near the bottom: the pointer may already have read a parameter further up, where the Retry button was.
  const position = { x: 120, y: 250 };
  await page.evaluate(() => (window.standIn.failures.parameters = 1));
  await root.getByRole("application", { name: "Elected signs" }).hover({ position });
  await alert.getByText("no parameters today").waitFor();
  await root.getByRole("application", { name: "Elected signs" }).click({ position });
  await retry.click();
  await root.locator("ties-parameter-panel .result").waitFor();

  const calls = await page.evaluate(() => window.standIn.calls.map(({ method }) => method));
  expect(calls).toContain("showLog");
  expect(problems).toEqual([]);
  await close();
});

test("a merge that fails can be tried again; one that is cancelled is silent", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 1, failures: { merge: 1 } });
  await whenExact(root);
  await root.getByRole("button", { name: "Merge…" }).click();
  await root.getByRole("alert").getByText("no merge today").waitFor();
  await root.getByRole("button", { name: "Retry" }).click();
  await page.waitForFunction(() => window.standIn.calls.filter(({ method }) => method === "merge").length === 2);
  await page.waitForTimeout(100);
  expect(await root.getByRole("alert").count()).toBe(0);
  await root.getByRole("button", { name: "Export" }).click();
  await root.getByRole("menuitem", { name: "Report as JSON…" }).click();
  await page.waitForFunction(() => window.standIn.calls.some(({ method }) => method === "exportReport"));
  await close();
});
