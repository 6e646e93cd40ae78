import { expect, it } from "vitest";
import { firstArguments, manifest, stringsIn } from "./manifest";

const declared = manifest.contributes.commands.map(({ command }) => command);

it("registers exactly the commands that package.json declares", () => {
  const registered = firstArguments("vscode.commands.registerCommand");
  expect([...registered].sort()).toEqual([...declared].sort());
});

it("gives every command the prefix, the category and a title", () => {
  for (const command of manifest.contributes.commands) {
    expect(command.command).toMatch(/^tiesMerge\.\w+$/);
    expect(command).toMatchObject({ category: "TIES Merge", title: expect.stringMatching(/^%command\.\w+%$/) });
  }
});

it("names only declared commands in menus and walkthroughs", () => {
  const { menus, walkthroughs } = manifest.contributes;
  const used = [...stringsIn(menus), ...stringsIn(walkthroughs)].flatMap(
    (text) => text.match(/\btiesMerge\.\w+/g) ?? [],
  );
  const contextKeys = ["tiesMerge.checkpointFolders"];
  expect(used.filter((id) => !declared.includes(id) && !contextKeys.includes(id))).toEqual([]);
});
