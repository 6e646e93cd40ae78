/** Of a method that elects no signs the figures are said to be those of an election, and those of its result are not shown. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, shoot, whenExact } from "./inspectorPage";

for (const [method, name, theme] of [
  ["slerp", "SLERP", "dark"],
  ["fisher", "Fisher merging", "light"],
] as const) {
  test(`${method}: what is shown is said above, and nothing speaks as if TIES were merged`, async () => {
    const { page, root, problems, close } = await openInspector(
      { fixture: "small", models: 2, sampled: true, method },
      { theme, width: 1640, height: 1100 },
    );
    await whenExact(root);
    const curves = root.getByRole("region", { name: "Curves" });
    await curves.getByRole("img").first().waitFor();
    expect(await root.getByRole("note").innerText()).toBe(
      `${name} neither trims nor elects signs. Shown is how the task vectors interfere, ` +
        `as TIES at density 1 would see them; not what ${name} merges.`,
    );
    await root.getByRole("heading", { name: "Who would lose an election" }).waitFor();
    await curves.getByRole("heading", { name: "Trimming would resolve conflicts" }).waitFor();
    await curves.locator(".legend", { hasText: "TIES, density 1" }).waitFor();
    expect(await root.getByText("‖τ_m‖").count()).toBe(0);
    expect(await root.getByText("‖τ̂‖ / ‖τ‖").count()).toBe(0);
    await shoot(page, `without-election-${method}`);
    await chooseTensor(root, "model.layers.3.mlp.up_proj.weight");
    expect(await root.locator("ties-tensor-view .figures").innerText()).not.toMatch(/‖|→/);
    expect(problems).toEqual([]);
    await close();
  });
}

test("DARE keeps a share and elects nothing; TIES is what the figures are of", async () => {
  const dare = await openInspector({ fixture: "small", models: 2, sampled: true, method: "dare_linear" });
  await whenExact(dare.root);
  expect(await dare.root.getByRole("note").innerText()).toContain("DARE elects no signs.");
  await dare.root.locator("ties-curves .legend", { hasText: "with an election" }).waitFor();
  // A choice of the session changes what is said.
  await dare.root.getByRole("combobox", { name: "Method" }).selectOption({ label: "TIES · reference" });
  await dare.root.getByRole("heading", { name: "Who loses the election" }).waitFor();
  expect(await dare.root.getByRole("note").count()).toBe(0);
  await dare.root.locator("ties-totals th", { hasText: "‖τ_m‖ ÷ ‖average‖" }).waitFor();
  expect(dare.problems).toEqual([]);
  await dare.close();
});

test.each(["slerp", "linear"] as const)("%s: a base among the models is marked as what it is", async (method) => {
  const { page, root, problems, close } = await openInspector(
    { fixture: "small", models: 2, method, baseAmongModels: true },
    { width: 900 },
  );
  await whenExact(root);
  const chips = root.locator("ties-merge-set-bar .models .chip");
  expect(await chips.allInnerTexts()).toEqual([
    expect.stringContaining("the base itself"),
    expect.stringMatching(/code/),
  ]);
  expect(await root.getByText("the base itself").count()).toBe(1);
  expect(await chips.first().getAttribute("title")).toMatch(/^\/checkpoints\/llama-small: the base, merged/);
  await shoot(page, `base-among-models-${method}`);
  expect(problems).toEqual([]);
  await close();
});
