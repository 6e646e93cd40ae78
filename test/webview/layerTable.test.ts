/** The table says the true figures, sorted, filtered and walked by keyboard, however many rows there are. */
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { openInspector, openTab, whenExact } from "./inspectorPage";
import { fixture } from "./standIn/fixtures";
import { naiveMerge, naiveStatistics } from "./standIn/naiveMerge";

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const names = (root: Locator): Promise<string[]> =>
  root
    .locator(".rows [role=row]")
    .evaluateAll((rows) =>
      rows
        .sort((a, b) => Number(a.getAttribute("aria-rowindex")) - Number(b.getAttribute("aria-rowindex")))
        .map((row) => row.querySelector(".name")!.getAttribute("title")!),
    );

test("figures of tensors and groups are the naive ones, in every order", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 2 });
  await whenExact(root);
  await openTab(root, "Tensors");
  const { set, tensors } = fixture("network", 2);
  const merge = naiveMerge(set, tensors);
  const groups = [...new Set(tensors.map(({ group }) => group))].filter((group) => group.startsWith("model.layers"));

  const cells = await root
    .locator("[role=row]", { hasText: "model.layers.2" })
    .locator("[role=gridcell]")
    .allInnerTexts();
  const expected = naiveStatistics(
    merge,
    merge.tensors.filter(({ group }) => group === "model.layers.2"),
  );
  expect(cells.map((text) => text.trim())).toEqual([
    String(expected.elements).replace(/(\d)(?=\d{3}$)/, "$1 "),
    percent(expected.conflict / expected.elements),
    expected.agreement!.toFixed(2),
    ...expected.models.map(({ kept }) => percent(kept / expected.elements)),
    ...expected.models.map(({ lostMass }) => percent(lostMass)),
  ]);

  expect(await names(root)).toEqual(["model.embed_tokens.weight", ...groups, "lm_head.weight", "logit_scale"]);

  await root.locator("vscode-checkbox", { hasText: "Group by layer" }).click();
  const conflict = (name: string): number => {
    const found = naiveStatistics(merge, [merge.tensors.find((tensor) => tensor.name === name)!]);
    return found.conflict / found.elements;
  };
  const heading = root.getByRole("columnheader", { name: "Conflict" });
  await heading.getByRole("button").click();
  expect(await heading.getAttribute("aria-sort")).toBe("descending");
  const descending = tensors.map(({ name }) => name).sort((a, b) => conflict(b) - conflict(a));
  expect((await names(root)).map(conflict)).toEqual(descending.slice(0, (await names(root)).length).map(conflict));
  await heading.getByRole("button").press("Enter");
  expect(await heading.getAttribute("aria-sort")).toBe("ascending");
  expect(conflict((await names(root))[0]!)).toBe(conflict(descending.at(-1)!));

  await root.getByRole("textbox", { name: "Filter by name" }).fill("mlp LAYERS.4");
  await root.getByText("2 of 33 tensors").waitFor();
  expect((await names(root)).sort()).toEqual([
    "model.layers.4.mlp.down_proj.weight",
    "model.layers.4.mlp.up_proj.weight",
  ]);
  await root.getByRole("textbox", { name: "Filter by name" }).fill("nothing like it");
  await root.getByText("No tensor matches the filter.").waitFor();
  expect(problems).toEqual([]);
  await page.close();
  await close();
});

test("arrows walk, right unfolds, Enter chooses", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", models: 1 });
  await whenExact(root);
  await openTab(root, "Tensors");
  await root.getByRole("treegrid").focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"]) {
    await page.keyboard.press(key);
  }
  await root.locator("[role=row][aria-selected=true]").waitFor();
  expect(await root.locator("[role=row][aria-selected=true]").getAttribute("data-tensor")).toBe(
    "model.layers.0.self_attn.v_proj.weight",
  );
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => root.locator("[role=row][aria-level='2']").count()).toBe(0);
  await close();
});

test("ten thousand tensors: a few rows in the document, the last one reached by End", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "many", models: 1 });
  await whenExact(root);
  await openTab(root, "Tensors");
  await root.locator("vscode-checkbox", { hasText: "Group by layer" }).click();
  await root.getByRole("treegrid").focus();
  await page.keyboard.press("End");
  await root.locator("[data-tensor='model.layers.999.block.9.weight']").waitFor();
  expect(await root.getByRole("treegrid").getAttribute("aria-rowcount")).toBe("10001");
  expect(await root.locator(".rows [role=row]").count()).toBeLessThan(80);
  expect(problems).toEqual([]);
  await close();
});

test("rows fill in as they are computed; the others have a dash", async () => {
  const { root, close } = await openInspector({ fixture: "network", models: 2, stallAfter: 8 });
  await root.locator(".badge.computing").waitFor();
  await openTab(root, "Tensors");
  await root.locator("[data-tensor='model.embed_tokens.weight'] .figure", { hasText: "%" }).first().waitFor();
  expect(await root.locator("[data-tensor='lm_head.weight'] .figure").nth(1).innerText()).toBe("–");
  expect(await root.locator(".badge").innerText()).toMatch(/computing \d+ %/);
  await close();
});

test("filtered by value, with chosen columns, copied as it is shown", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network", models: 2 });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await whenExact(root);
  await openTab(root, "Tensors");
  const { set, tensors } = fixture("network", 2);
  const merge = naiveMerge(set, tensors);
  const rows = merge.tensors.map((tensor) => ({ name: tensor.name, ...naiveStatistics(merge, [tensor]) }));
  const lost = rows.map(({ models }) => models[1]!.lostMass).sort((a, b) => a - b);
  const bound = Number(lost[Math.floor(lost.length / 2)]!.toFixed(4));
  const passing = rows.filter(({ models }) => models[1]!.lostMass > bound);
  expect(passing.length).toBeGreaterThan(3);
  expect(passing.length).toBeLessThan(rows.length);

  await root.locator("vscode-checkbox", { hasText: "Group by layer" }).click();
  await root.getByRole("textbox", { name: "Filter by name" }).fill(`lost.code > ${bound}`);
  await root.getByText(`${passing.length} of ${rows.length} tensors`).waitFor();
  await root.getByRole("button", { name: "Columns" }).click();
  const list = root.getByRole("group", { name: "Columns" });
  for (const name of ["Kept", "Agreement", "Parameters"]) {
    await list.locator("vscode-checkbox", { hasText: new RegExp(`^\\s*${name}\\s*$`) }).click();
  }
  await list.locator("vscode-checkbox", { hasText: "Cosine" }).click();
  await page.keyboard.press("Escape");
  await expect.poll(() => list.count()).toBe(0);

  const expected = [
    ["name", "conflict", "lost.math", "lost.code", "cosine.math.code"],
    ...passing.map(({ name, conflict, elements, models, pairs }) =>
      [name, conflict / elements, models[0]!.lostMass, models[1]!.lostMass, pairs[0]!.cosine].map(String),
    ),
  ];
  const clipboard = (): Promise<string[][]> =>
    page.evaluate(async () =>
      (await navigator.clipboard.readText())
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t")),
    );
  await root.getByRole("button", { name: "Copy as tab-separated values" }).click();
  await root.getByText(`${passing.length} lines copied`).waitFor();
  expect(await clipboard()).toEqual(expected);
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await root.getByRole("treegrid").focus();
  await page.keyboard.press("Control+C");
  await expect.poll(clipboard).toEqual(expected);

  await root.getByRole("textbox", { name: "Filter by name" }).fill("speed > 4");
  await root.getByText("No statistic is called speed.").waitFor();
  expect(problems).toEqual([]);
  await close();
});
