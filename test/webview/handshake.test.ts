/** The panel greets the host, and says so when it cannot work with what answers. */
import { expect, test } from "vitest";
import { INSPECTOR_PROTOCOL_VERSION } from "../../src/protocol/inspector";
import { openInspector, whenExact } from "./inspectorPage";

test("opens the set after the welcome, in the language that it brings", async () => {
  const strings = { "Whole model": "モデル全体", Overview: "概要", "layer {number}": "層 {number}" };
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 1, strings });
  await whenExact(root);
  await root.getByRole("region", { name: "モデル全体" }).waitFor();
  await root.getByRole("tab", { name: "概要" }).waitFor();
  await root.getByRole("grid").getByRole("rowheader", { name: "層 5" }).waitFor();
  const calls = await page.evaluate(() => window.standIn.calls.map(({ method }) => method));
  expect(calls).toEqual(["open", "sample", "statistics"]);
  expect(problems).toEqual([]);
  await close();
});

test("another version of the extension is said, and nothing is called", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "empty", version: 99 });
  const alert = root.getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(
    new RegExp(`panel ${INSPECTOR_PROTOCOL_VERSION}, extension 99.*Reload the window`, "s"),
  );
  expect(await page.evaluate(() => window.standIn.calls)).toEqual([]);
  expect(problems).toEqual([]);
  await close();
});

test("a message that is none is ignored", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 1 });
  await page.evaluate(() => {
    for (const message of [null, 7, { kind: "result" }, { kind: "error", id: 1 }, { kind: "welcome", version: "x" }]) {
      window.postMessage(message, "*");
    }
  });
  await whenExact(root);
  expect(problems).toEqual([]);
  await close();
});

test("a host that does not answer is said, with a way to try again", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 1, silent: true }, { clock: true });
  await page.clock.fastForward(21_000);
  await root.getByText("The extension does not answer").waitFor();
  await page.evaluate(() => (window.scenario.silent = false));
  await root.getByRole("button", { name: "Retry" }).click();
  await page.clock.runFor(3000);
  await whenExact(root);
  await close();
});
