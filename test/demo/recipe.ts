/** A recipe for the demo's checkpoints, to open in the editor or give to the command line. */
import { BASE } from "./demoCheckpoints";
import { TASKS } from "./tasks";

/** Paths are relative to the recipe, which lies in `.demo`. */
export const demoRecipe = (): string =>
  [
    "# TIES on the demo's checkpoints, with the rules and parameters of the paper.",
    "merge_method: ties",
    `base_model: checkpoints/${BASE}`,
    "models:",
    ...TASKS.map(({ name }) => `  - model: checkpoints/${name}`),
    "parameters:",
    "  compat: reference",
    "  density: 0.2",
    "  lambda: 1.0",
    "dtype: float32",
    "",
  ].join("\n");
