/** `npm run demo`: trains, merges, evaluates and prints the table. */
import { join, relative } from "node:path";
import { ensureDemoCheckpoints } from "./demoCheckpoints";
import { DEMO_FOLDER, PROJECT_FOLDER, removeWorkFolders, replaceFile } from "./demoFolder";
import { ensureDemoStatistics } from "./demoStatistics";
import { ensureDemoResults } from "./demoResults";
import { demoRecipe } from "./recipe";
import { explanation, markdownPage, terminalTables } from "./table";

const start = performance.now();
const report = (line: string): void => {
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  process.stderr.write(`[${seconds.padStart(3)} s] ${line}\n`);
};

async function main(): Promise<void> {
  removeWorkFolders();
  report("handwritten digits (MNIST): a base and a fine-tune a task, trained where they are not there yet");
  await ensureDemoCheckpoints(report);
  await ensureDemoStatistics(report);
  replaceFile(join(DEMO_FOLDER, "recipe.yml"), demoRecipe());
  const results = await ensureDemoResults(report);
  replaceFile(join(DEMO_FOLDER, "results.md"), markdownPage(results));
  report("done");
  const shown = relative(process.cwd(), DEMO_FOLDER) || ".";
  process.stdout.write(`
${terminalTables(results)}

${explanation(results)}

The checkpoints are in ${join(shown, "checkpoints")}, the merged models in ${join(shown, "merged")}. To try next:
  node ${join(relative(process.cwd(), PROJECT_FOLDER), "dist", "cli.js")} inspect ${join(shown, "recipe.yml")}
or open ${shown} in the editor and right-click checkpoint folders.
`);
}

// Caught here: TensorFlow.js installs a handler that would print its whole source with an uncaught error.
main().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
