/** No theme and no view breaks an accessibility rule or the content security policy. */
import { expect, test } from "vitest";
import { chooseTensor, openInspector, openTab, shoot, THEMES, whenDrawn, whenExact } from "./inspectorPage";
import { violations } from "./violations";

for (const theme of THEMES) {
  test(`whole model and one tensor in ${theme}`, async () => {
    const { page, root, problems, close } = await openInspector({ fixture: "network" }, { theme });
    await whenExact(root);
    await shoot(page, `${theme}-overview`);
    expect(await violations(page)).toEqual([]);

    await openTab(root, "Tensors");
    await root
      .getByRole("row", { name: /layers\.3/ })
      .first()
      .click();
    await root.getByRole("button", { name: "Columns" }).click();
    await shoot(page, `${theme}-table`);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");

    await chooseTensor(root, "model.layers.3.mlp.up_proj.weight");
    await whenDrawn(page);
    await shoot(page, `${theme}-tensor`);
    const elected = page.getByRole("application", { name: "Elected signs" });
    await elected.focus();
    for (let notch = 0; notch < 9; notch++) await page.keyboard.press("+");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await whenDrawn(page);
    await shoot(page, `${theme}-cells`);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
}

test("narrow, with sixteen models", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 16 }, { width: 400, theme: "light" });
  await whenExact(root);
  expect(await violations(page)).toEqual([]);
  await chooseTensor(root, "lm_head.weight");
  await whenDrawn(page);
  await root.getByRole("button", { name: /Whole model/ }).click();
  expect(await violations(page)).toEqual([]);
  await close();
});

test("a failed call in high contrast", async () => {
  const { page, root, close } = await openInspector(
    { fixture: "network", failures: { statistics: 1 } },
    { theme: "hc-black" },
  );
  await root.getByRole("alert").waitFor();
  expect(await violations(page)).toEqual([]);
  await close();
});
