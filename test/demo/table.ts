/** The demo's results as a table for the terminal and as a page of Markdown. */
import { FISHER_IMAGES, GRAM_IMAGES } from "./splits";
import type { DemoResults, ResultRow } from "./demoResults";

const percent = (share: number): string => (100 * share).toFixed(1);

const headings = ({ tasks }: DemoResults): string[] => [
  "model",
  ...tasks.map(({ name }) => name),
  "mean",
  "normalised",
];

const cells = (row: ResultRow): string[] => [
  row.kind === "fine-tune" ? `fine-tune: ${row.label}` : row.label,
  ...row.accuracies.map(percent),
  percent(row.mean),
  percent(row.normalisedMean),
];

/** Columns aligned by spaces; a line before the merged models. */
export function terminalTable(results: DemoResults): string {
  const rows = [headings(results), ...results.rows.map(cells)];
  const widths = headings(results).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  const rule = "─".repeat(lines[0]?.length ?? 0);
  const firstMerge = 1 + results.rows.findIndex(({ kind }) => kind === "merge");
  return [lines[0], rule, ...lines.slice(1, firstMerge), rule, ...lines.slice(firstMerge)].join("\n");
}

/** What the numbers are. */
export function explanation({ testImagesPerTask, validationImagesPerTask, baseUpright, backend }: DemoResults): string {
  return [
    `Accuracy in per cent on ${testImagesPerTask} test images a task. Normalised: mean over the tasks of accuracy / accuracy`,
    `of the task's own fine-tune. "(validated)": λ was chosen on ${validationImagesPerTask} other images a task; the other`,
    `merges look at none, but Fisher merging at ${FISHER_IMAGES} and RegMean at ${GRAM_IMAGES} training images a task.`,
    `The base reads ${percent(baseUpright)} % of upright digits. Backend of TensorFlow.js: ${backend}.`,
  ].join("\n");
}

export function markdownPage(results: DemoResults): string {
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  const alignment = headings(results).map((_, column) => (column === 0 ? "---" : "--:"));
  return [
    "# Demo: six views of handwritten digits, merged",
    "",
    ...[headings(results), alignment, ...results.rows.map(cells)].map(line),
    "",
    explanation(results),
    "",
    "Tasks:",
    "",
    ...results.tasks.map(({ name, description }) => `- ${name}: ${description}`),
    "",
  ].join("\n");
}
