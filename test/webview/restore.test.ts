/** A reload brings back the tensor, the zoom, the pinned parameter, sorting and filter. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, openTab, whenDrawn, whenExact } from "./inspectorPage";

test("the view survives a reload", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 2 });
  await whenExact(root);
  await openTab(root, "Tensors");
  await root.getByRole("columnheader", { name: "Agreement" }).getByRole("button").click();
  await chooseTensor(root, "model.layers.2.mlp.down_proj.weight");
  await root.getByRole("textbox", { name: "Filter by name" }).fill("down");
  await whenDrawn(page);
  await root.getByRole("application", { name: "Elected signs" }).focus();
  for (const key of ["+", "+", "+", "ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await whenDrawn(page);
  const range = await root.locator(".range").innerText();
  const place = await root.locator("ties-parameter-panel .place").innerText();

  await page.reload();
  await whenExact(root);
  await whenDrawn(page);
  expect(await root.locator("ties-tensor-view h2").innerText()).toBe("model.layers.2.mlp.down_proj.weight");
  expect(await root.locator(".range").innerText()).toBe(range);
  expect(await root.locator("ties-parameter-panel .place").innerText()).toBe(place);
  expect(await root.getByRole("columnheader", { name: "Agreement" }).getAttribute("aria-sort")).toBe("ascending");
  expect(await root.getByRole("textbox", { name: "Filter by name" }).inputValue()).toBe("down");
  expect(problems).toEqual([]);
  await close();
});

test("a saved view that is none, or of another set, does no harm", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 1 });
  await whenExact(root);
  for (const saved of [
    '"x"',
    '{"tensor":"gone","viewport":{"row":"a"},"expanded":7,"tableShare":1e9,"tab":"x","columns":{},"fixedScales":{"kept":-1}}',
    "[]",
  ]) {
    await page.evaluate((state) => {
      window.addEventListener("pagehide", () => sessionStorage.setItem("webview-state", state));
    }, saved);
    await page.reload();
    await whenExact(root);
    await root.getByText("Choose a cell of the map").waitFor();
  }
  expect(problems).toEqual([]);
  await close();
});
