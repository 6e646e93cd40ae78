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

const rowsOf = ({ rows }: DemoResults): string[][] => rows.map(cells);

const cells = (row: ResultRow): string[] => [
  row.label,
  ...row.accuracies.map(percent),
  percent(row.mean),
  percent(row.normalisedMean),
];

const sweepHeadings = ({ sweep }: DemoResults): string[] => ["tasks merged", ...sweep.counts.map(String)];

const sweepRows = ({ sweep }: DemoResults): string[][] =>
  sweep.rows.map(({ label, normalised }) => [
    label,
    ...normalised.map((value) => (value === null ? "" : percent(value))),
  ]);

/** Columns aligned by spaces; a line before the merged models. */
export const terminalTables = (results: DemoResults): string =>
  [
    aligned(headings(results), rowsOf(results), 2),
    `Normalised mean when the first 2, 3, … tasks are merged, ${results.sweep.imagesPerTask} test images a task:`,
    aligned(sweepHeadings(results), sweepRows(results), 0),
  ].join("\n\n");

/** @param before the line: rows above a second line. */
function aligned(heading: readonly string[], body: readonly string[][], before: number): string {
  const rows = [heading, ...body];
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  const rule = "─".repeat(lines[0]?.length ?? 0);
  const [first, rest] = [lines.slice(1, 1 + before), lines.slice(1 + before)];
  return [lines[0], rule, ...first, ...(before > 0 ? [rule] : []), ...rest].join("\n");
}

/** What the numbers are. */
export function explanation({ testImagesPerTask, validationImagesPerTask, baseUpright, backend }: DemoResults): string {
  return [
    `Accuracy in per cent on ${testImagesPerTask} test images a task. Normalised: mean over the tasks of accuracy / accuracy`,
    `of the task's own fine-tune. *: λ was chosen on ${validationImagesPerTask} other images a task; the other`,
    `merges look at none, but Fisher merging at ${FISHER_IMAGES} and RegMean at ${GRAM_IMAGES} training images a task.`,
    `The base reads ${percent(baseUpright)} % of upright digits. Backend of TensorFlow.js: ${backend}.`,
  ].join("\n");
}

const markdown = (heading: readonly string[], rows: readonly string[][]): string[] => {
  const alignment = heading.map((_, column) => (column === 0 ? "---" : "--:"));
  return [heading, alignment, ...rows].map((row) => `| ${row.join(" | ")} |`);
};

export function markdownPage(results: DemoResults): string {
  return [
    `# Demo: ${results.tasks.length} views of handwritten digits, merged`,
    "",
    ...markdown(headings(results), rowsOf(results)),
    "",
    explanation(results),
    "",
    `Normalised mean when the first 2, 3, … tasks are merged, on ${results.sweep.imagesPerTask} test images a task:`,
    "",
    ...markdown(sweepHeadings(results), sweepRows(results)),
    "",
    "Tasks:",
    "",
    ...results.tasks.map(({ name, description }) => `- ${name}: ${description}`),
    "",
  ].join("\n");
}
