/** Pictures that follow from a sample say so, and are replaced when the statistics are exact. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, shoot, whenDrawn, whenExact } from "./inspectorPage";

test("estimated pictures are marked until the exact ones are there", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", held: ["statistics"] });
  await chooseTensor(root, "model.embed_tokens.weight");
  await whenDrawn(page);
  const view = root.locator("ties-tensor-view");
  await view.getByText("≈ thresholds from the sample").waitFor();
  await root.getByRole("application", { name: "Elected signs" }).click();
  await root.locator("ties-parameter-panel").getByText(/≈ \d/).first().waitFor();
  await shoot(page, "estimated-pictures");
  const asked = (): Promise<{ mayEstimate?: boolean }[]> =>
    page.evaluate(() =>
      window.standIn.calls.flatMap(({ method, params }) => (method === "tile" ? [params as object] : [])),
    );
  const before = await asked();
  expect(before.every(({ mayEstimate }) => mayEstimate === true)).toBe(true);

  await page.evaluate(() => window.standIn.held.clear());
  await whenExact(root);
  await view.getByText("≈ thresholds from the sample").waitFor({ state: "detached" });
  await root.locator("ties-parameter-panel").getByText(/≈ \d/).first().waitFor({ state: "detached" });
  const after = (await asked()).slice(before.length);
  expect(after.length).toBeGreaterThan(0);
  expect(after.every(({ mayEstimate }) => mayEstimate === undefined)).toBe(true);
  expect(problems).toEqual([]);
  await close();
});
