/** Curves: drawn from the sample, with the current setting marked, and the same numbers as a table. */
import { expect, test } from "vitest";
import { openInspector, shoot, THEMES, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { naiveMerge, naiveStatistics } from "./standIn/naiveMerge";

const { set, tensors } = fixture("small", 3);

test("the table holds the curves' figures; the marks stand at the current setting", async () => {
  const { root, problems, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  const curves = root.getByRole("region", { name: "Curves" });
  await curves.getByRole("img").first().waitFor();
  expect(await curves.getByRole("img").count()).toBe(4);
  expect(await curves.getByRole("img").first().getAttribute("aria-label")).toMatch(/math: 0\.2 → \d+ %/);
  await curves.getByRole("button", { name: "Show as a table" }).click();
  const table = curves.getByRole("table").nth(1);
  const half = naiveMerge({ ...set, models: set.models.map((model) => ({ ...model, density: 0.5 })) }, tensors);
  const { conflict, elements } = naiveStatistics(half, half.tensors);
  const row = table.locator("tbody tr").nth(3);
  expect((await row.getByRole("rowheader").innerText()).trim()).toBe("0.5");
  const share = conflict / elements;
  expect((await row.getByRole("cell").innerText()).trim()).toBe(`≈ ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`);
  expect(problems).toEqual([]);
  await close();
});

test("curves of a chosen layer are asked for", async () => {
  const { page, root, close } = await openInspector({ fixture: "small", models: 3, sampled: true });
  await whenExact(root);
  const curves = root.getByRole("region", { name: "Curves" });
  await curves.getByRole("img").first().waitFor();
  await root.getByRole("combobox", { name: "Part of the model" }).selectOption({ label: "layer 4" });
  await page.waitForFunction(() =>
    window.standIn.calls.some(
      ({ method, params }) => method === "curves" && (params as { layer: string | null }).layer === "model.layers.4",
    ),
  );
  await curves.getByText("layer 4").waitFor();
  await close();
});

for (const theme of THEMES) {
  test(`curves, ${theme}`, async () => {
    const { page, root, problems, close } = await openInspector(
      { fixture: "small", models: 4, sampled: true },
      { theme, width: 1500, height: 1400 },
    );
    await whenExact(root);
    await root.getByRole("region", { name: "Curves" }).getByRole("img").first().waitFor();
    await shoot(page, `curves-${theme}`);
    expect(problems).toEqual([]);
    await close();
  });
}
