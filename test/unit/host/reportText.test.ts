import { expect, it } from "vitest";
import { reportJson } from "../../../src/host/inspector/reportText";
import type { InterferenceReport } from "../../../src/protocol/report";

const report = (count: number) =>
  ({
    format: "ties-merge-report/1",
    recipe: { merge_method: "ties" },
    models: [{ name: "a", path: "/m/a" }],
    totals: { elements: 3 },
    groups: [],
    tensors: Array.from({ length: count }, (_, i) => ({ name: `t.${i}`, shape: [i] })),
  }) as unknown as InterferenceReport;

it.each([0, 1, 250])("writes %d tensors as the JSON of the report, one a line", async (count) => {
  const text = await reportJson(report(count));
  expect(JSON.parse(text)).toEqual(report(count));
  expect(text.split("\n").filter((line) => line.includes('"t.'))).toHaveLength(count);
});
