/** Tables as Markdown, which reads well in a terminal too. */
export type Row = string[];

export function printTable(title: string, heads: readonly string[], rows: readonly Row[]): void {
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const text = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => (at === 0 ? (cells[at] ?? "").padEnd(width) : (cells[at] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  process.stdout.write(`${title}\n\n${[text(heads), rule, ...rows.map(text)].join("\n")}\n\n`);
}
