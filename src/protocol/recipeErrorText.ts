/** The part of errorText.ts that is about recipes. */
export const RECIPE_ERROR_TEXT = {
  "not-mergekit": {
    what: "mergekit cannot merge like this: {list}",
    todo: "Change what is named (`--compat mergekit` takes its rules), or merge here.",
  },
  "slices-not-all-layers": {
    what: "The slices of the recipe have {end} layers and the checkpoint {layers}",
    todo: "Let the slices keep every layer at its place, from 0 to the last.",
  },
  "recipe-invalid": { what: "Problems in the recipe: {count}", todo: "Correct what stands here:\n{list}" },
  "not-a-recipe": {
    what: "This is not a recipe",
    todo: "Give a YAML file here; checkpoints are given with --base and --model.",
  },
};
