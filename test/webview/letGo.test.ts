/** Views that are left are let go: going to and fro does not pile up elements. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, openTab, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";

const { tensors } = fixture("small", 3);

test("tabs and tensors to and fro", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  const devTools = await page.context().newCDPSession(page);
  const held = async (): Promise<number> => {
    // Elements that only each other hold take more than one round.
    for (let round = 0; round < 3; round++) await devTools.send("HeapProfiler.collectGarbage");
    return (await devTools.send("Memory.getDOMCounters")).nodes;
  };
  const toAndFro = async (): Promise<void> => {
    await chooseTensor(root, tensors[0]!.name);
    await root.locator("ties-tensor-view canvas").first().waitFor();
    await openTab(root, "Overview");
    await root.locator("ties-model-map [role=gridcell]").first().waitFor();
  };
  await toAndFro();
  const before = await held();
  for (let round = 0; round < 8; round++) await toAndFro();
  expect(await held()).toBeLessThan(1.3 * before);
  expect(problems).toEqual([]);
  await close();
});
