/** `ties-merge validate`: everything that is wrong with a recipe, by line and column. */
import { checkRecipe } from "../../engine/plan/recipe";
import type { RecipeProblem } from "../../engine/plan/recipeDocument";
import { counted } from "../../engine/units";
import type { MergeSet } from "../../protocol/mergeSet";
import type { Arguments } from "../arguments";
import { problemLine, readRecipe, recipeOptions } from "../chosenMergeSet";
import { printable } from "../printable";
import type { Terminal } from "../terminal";

const PROBLEMS_FORMAT = "ties-merge-problems/1";

export async function runValidate(args: Arguments, terminal: Terminal): Promise<number> {
  const [file = ""] = args.positionals;
  const text = await readRecipe(file);
  const { prepareSet } = await import("../../worker/preparedSet");
  const { set, problems } = checkRecipe(text, {
    ...recipeOptions(file),
    // Opens the headers and holds names, shapes and dtypes against one another; no weight is read.
    tryOut: (candidate) => void prepareSet(candidate, { threads: 1, memoryLimit: Number.MAX_SAFE_INTEGER }, false),
  });
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const counts = { errors, warnings: problems.length - errors };
  if (args.has("json")) {
    terminal.print(`${JSON.stringify({ format: PROBLEMS_FORMAT, file, ...counts, problems }, null, 2)}\n`);
  } else terminal.print(problemsText(file, set, problems, counts));
  return errors > 0 ? 1 : 0;
}

function problemsText(
  file: string,
  set: MergeSet | null,
  problems: readonly RecipeProblem[],
  { errors, warnings }: { errors: number; warnings: number },
): string {
  const lines = problems.map((problem) => `${problemLine(file, problem)}\n`).join("");
  const found = [
    ...(errors > 0 ? [counted(errors, "error")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  const summary = set ? `valid, ${set.method} of ${counted(set.models.length, "model")}` : "not valid";
  return `${lines}${printable(file)}: ${[summary, ...found].join(", ")}\n`;
}
