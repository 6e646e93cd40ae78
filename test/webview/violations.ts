/** What axe-core finds wrong with a page's accessibility. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Frame } from "playwright-core";

const AXE = path.join(path.dirname(createRequire(import.meta.url).resolve("axe-core")), "axe.min.js");

interface AxeResults {
  violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[];
}

export async function violations(page: Pick<Frame, "evaluate">): Promise<string[]> {
  // Through the debugger: the page's own policy would refuse a foreign script.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const result = await page.evaluate<AxeResults>("axe.run()");
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${JSON.stringify(target)} ${failureSummary}`),
  );
}
