/** `ties-merge recipe`: a merge set as a recipe with every parameter explicit, or as a YAML file for mergekit. */
import { resolve } from "node:path";
import { mergekitYaml } from "../../engine/plan/mergekitRecipe";
import { recipeYaml } from "../../engine/plan/resolvedRecipe";
import type { Arguments } from "../arguments";
import { chosenMergeSet } from "../chosenMergeSet";
import type { Terminal } from "../terminal";
import { checkWritable, writeWhole } from "../../io/writeWhole";

export async function runRecipe(args: Arguments, terminal: Terminal): Promise<number> {
  const out = args.text("out");
  const set = await chosenMergeSet(args, terminal);
  const yaml = args.has("mergekit") ? mergekitYaml(set) : recipeYaml(set);
  if (out === undefined) {
    terminal.print(yaml);
    return 0;
  }
  const inputs = [...(set.base === null ? [] : [set.base]), ...set.models.map(({ path }) => path)];
  checkWritable(resolve(out), {
    overwrite: args.has("overwrite"),
    inputs: [...inputs, ...args.positionals.map((path) => resolve(path))],
  });
  await writeWhole(resolve(out), [yaml]);
  if (!args.has("quiet")) terminal.note(`Wrote ${out}`);
  return 0;
}
