/** What is done about checkpoints that are not quite alike stands in the inspector, too. */
import { expect, test } from "vitest";
import { openInspector, shoot } from "./inspectorPage";

const NOTES = [
  "math has lm_head.weight, which the base lacks: left out",
  "code lacks 3 tensors: the base's values are taken",
];

test("few notes are read at once, many after unfolding", async () => {
  const few = await openInspector({ fixture: "network", notes: NOTES }, { theme: "dark" });
  await few.root.getByText(NOTES[0]!).waitFor();
  await shoot(few.page, "notes");
  await few.close();

  const all = Array.from({ length: 9 }, (_, at) => `note number ${at}`);
  const { root, problems, close } = await openInspector({ fixture: "network", notes: all }, { theme: "dark" });
  const summary = root.getByText("Notes on this set: 9");
  await summary.waitFor();
  expect(await root.getByText("note number 8").isVisible()).toBe(false);
  await summary.click();
  await root.getByText("note number 8").waitFor();
  expect(problems).toEqual([]);
  await close();
});

test("a set of checkpoints that are alike has none", async () => {
  const { root, close } = await openInspector({ fixture: "network" }, { theme: "dark" });
  await root.getByRole("button", { name: "Merge…" }).waitFor();
  expect(await root.getByText("Notes on this set").count()).toBe(0);
  await close();
});
