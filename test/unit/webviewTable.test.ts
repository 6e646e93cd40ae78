/** The table's filter, its copy, and figures of several tensors together. */
import { expect, test } from "vitest";
import { aggregateStatistics } from "../../webview/table/aggregate";
import type { TableLine } from "../../webview/table/columns";
import { tableColumns } from "../../webview/table/columns";
import { parseFilter } from "../../webview/table/filter";
import { tabSeparated } from "../../webview/table/tabSeparated";
import { fixture } from "../webview/standIn/fixtures";
import { naiveMerge, naiveRow, naiveStatistics } from "../webview/standIn/naiveMerge";

const { set, tensors } = fixture("network", 3);
const merge = naiveMerge(set, tensors);
const columns = tableColumns(set.models, "ties");
const lines = merge.tensors.map((tensor): TableLine => {
  const statistics = naiveRow(merge, tensor);
  return { name: tensor.name, elements: statistics.elements, shape: tensor.shape, dtype: "F32", statistics };
});
const passing = (filter: string): string[] =>
  lines.filter((line) => parseFilter(filter, columns, set.models).matches(line)).map(({ name }) => name);
const where = (test: (line: TableLine) => boolean): string[] => lines.filter(test).map(({ name }) => name);

test("words are names, conditions are values, in either unit", () => {
  expect(passing("")).toHaveLength(lines.length);
  const conflict = ({ statistics }: TableLine): number => statistics!.conflict / statistics!.elements;
  const above = where((line) => conflict(line) > 0.035);
  expect(above.length).toBeGreaterThan(0);
  expect(above.length).toBeLessThan(lines.length);
  for (const filter of ["conflict > 0.035", "conflict>3.5%", "CONFLICT > 3.5 %"])
    expect(passing(filter)).toEqual(above);
  expect(passing("LAYERS.3 mlp conflict>0")).toEqual(where(({ name }) => /layers\.3.*mlp/.test(name)));
  expect(passing("elements <= 100")).toEqual(where(({ elements }) => elements <= 100));
  expect(passing("parameters ≤ 100")).toEqual(passing("elements <= 100"));
});

test("of one model by its name, of any without", () => {
  const lost = (model: number, line: TableLine): number => line.statistics!.models[model]!.lostMass;
  expect(passing("lost.code > 5.5%")).toEqual(where((line) => lost(1, line) > 0.055));
  expect(passing("lostmass > 5.5%")).toEqual(where((line) => [0, 1, 2].some((model) => lost(model, line) > 0.055)));
});

test("what is not known is said, and what is not counted does not pass", () => {
  const parsed = parseFilter("speed > 3 lost.nobody < 1 conflict >= 0", columns, set.models);
  expect(parsed.unknown).toEqual(["speed", "lost.nobody"]);
  expect(parsed.matches(lines[0]!)).toBe(true);
  expect(parsed.matches({ ...lines[0]!, statistics: null })).toBe(false);
});

test("the copy holds full figures, one line a row", () => {
  const shown = columns.filter(({ family }) => ["name", "elements", "lost", "cosine"].includes(family));
  const [head, first] = tabSeparated(shown, [{ ...lines[0]!, name: "a\tb" }], set.models)
    .split("\n")
    .map((line) => line.split("\t"));
  expect(head!.slice(0, 3)).toEqual(["name", "elements", "lost.math"]);
  expect(head!.at(-1)).toBe("cosine.code.chat");
  expect(first![0]).toBe("a b");
  expect(Number(first![2])).toBe(lines[0]!.statistics!.models[0]!.lostMass);
  expect(first).toHaveLength(head!.length);
});

test("several tensors together have the figures of their entries together", () => {
  const parts = merge.tensors.filter(({ group }) => group === "model.layers.1");
  const together = aggregateStatistics(parts.map((tensor) => naiveRow(merge, tensor)))!;
  const expected = naiveStatistics(merge, parts);
  for (const column of columns.filter(({ id }) => !/^(?:name|shape|dtype|elements|lost \d|threshold)/.test(id))) {
    const line = { name: "", elements: expected.elements, shape: [], dtype: "" };
    const value = column.value({ ...line, statistics: together });
    expect(value, column.id).toBeCloseTo(column.value({ ...line, statistics: expected }) as number, 10);
  }
  // The shares of mass do not add up, and are not made up.
  expect(together.models.map(({ lostMass }) => lostMass)).toEqual([NaN, NaN, NaN]);
});
