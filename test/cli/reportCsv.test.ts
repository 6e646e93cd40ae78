/** The CSV table, by RFC 4180. */
import { expect, it } from "vitest";
import { reportCsv } from "../../src/protocol/reportCsv";
import type { InterferenceReport, InterferenceStatistics } from "../../src/protocol/report";

const statistics: InterferenceStatistics = {
  elements: 4,
  models: [
    { threshold: null, density: 0.2, kept: 0, positive: 0, negative: 0, norm: 0, keptNorm: 0, lost: 0, lostMass: 0 },
  ],
  overlap: [4, 0],
  conflict: 0,
  conflictBefore: 0,
  elected: { positive: 0, negative: 0, cancelled: 0 },
  agreement: null,
  mergedNorm: 0,
  meanNorm: 0,
  pairs: [],
  nonFinite: 0,
};
const report: InterferenceReport = {
  format: "ties-merge-report/1",
  recipe: {},
  models: [{ name: 'a "b", c', path: "/a" }],
  notes: [],
  totals: statistics,
  groups: [],
  tensors: [{ ...statistics, name: "x\ny", shape: [2, 2], dtype: "F32" }],
};

it("quotes what has commas, quotes and line breaks, and leaves cells without a figure empty", () => {
  const csv = reportCsv(report);
  expect(csv).toContain(',"kept:a ""b"", c",');
  expect(csv.endsWith('"x\ny",2x2,F32,4,0,0,,0,0,0,0,0,0,4,0,0.2,0,0,0,,0,0,0,0\r\n')).toBe(true);
});
