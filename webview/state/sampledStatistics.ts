/** Statistics of any settings in the models of the opened set, exact or sampled. */
import { usesTaskVectors } from "../../src/protocol/mergeSet";
import type { GroupStatistics, InterferenceStatistics, Sampled, TensorStatistics } from "../../src/protocol/report";
import type { SampledReport } from "../../src/protocol/sample";
import { figuresLength, readFigures } from "../../src/protocol/sample";
import type { InspectorSettings } from "../../src/protocol/settings";
import type { OpenedSet } from "./inspectorState";

export interface SampleFacts {
  entries: number;
  elements: number;
  bytesRead: number;
  bytes: number;
  /** All entries were read: the figures are exact. */
  isExact: boolean;
  /** Half of the 95 % interval around the whole model's share in conflict. */
  conflictMargin: number;
}

export interface SampledRows {
  facts: SampleFacts;
  totals: Sampled<InterferenceStatistics>;
  groups: Map<string, Sampled<GroupStatistics>>;
  rows: Map<string, Sampled<TensorStatistics>>;
}

/** The opened set's models that settings leave on; as opened: all. */
export const membersOf = ({ set }: Pick<OpenedSet, "set">, settings: InspectorSettings | null): number[] =>
  set.models.flatMap(({ path }, index) =>
    settings === null || (settings.models[index]?.on && (!usesTaskVectors(settings.method) || path !== set.base))
      ? [index]
      : [],
  );

/** What the host sent, row by row, in the models of the opened set. */
export function sampledRows(report: SampledReport, opened: OpenedSet, members: readonly number[]): SampledRows {
  const { models, figures, margins } = report;
  const all = opened.set.models.length;
  const length = figuresLength(models);
  let next = 0;
  const take = (): Sampled<InterferenceStatistics> => {
    const start = next++ * length;
    const statistics = spreadModels(readFigures(figures, start, models), members, all);
    const own = margins.subarray(start, start + length);
    if (own.every((margin) => margin === 0)) return statistics;
    return { ...statistics, margins: spreadModels(readFigures(own, 0, models), members, all) };
  };
  const totals = take();
  const groups = new Map(report.groups.map((name) => [name, { name, ...take() }]));
  const rows = new Map(opened.tensors.map(({ name, shape, dtype }) => [name, { name, shape, dtype, ...take() }]));
  const { entries, elements, bytesRead, bytes } = report;
  const conflictMargin = totals.margins && elements > 0 ? totals.margins.conflict / elements : 0;
  return {
    facts: { entries, elements, bytesRead, bytes, isExact: !totals.margins, conflictMargin },
    totals,
    groups,
    rows,
  };
}

/** Statistics of some of the models as those of all: what there is none of is NaN. */
export function spreadModels<Statistics extends InterferenceStatistics>(
  statistics: Statistics,
  members: readonly number[],
  all: number,
): Statistics {
  if (members.length === all) return statistics;
  const { models, overlap, pairs } = statistics;
  return {
    ...statistics,
    models: Array.from({ length: all }, (_, index) => models[members.indexOf(index)] ?? OFF),
    overlap: Array.from({ length: all + 1 }, (_, count) => overlap[count] ?? 0),
    pairs: pairs.flatMap((pair) => {
      const [i, j] = [members[pair.i], members[pair.j]];
      return i === undefined || j === undefined ? [] : [{ ...pair, i, j }];
    }),
  };
}

const OFF = {
  threshold: null,
  density: Number.NaN,
  kept: Number.NaN,
  positive: Number.NaN,
  negative: Number.NaN,
  norm: Number.NaN,
  keptNorm: Number.NaN,
  lost: Number.NaN,
  lostMass: Number.NaN,
};

/** Marks a figure that was estimated, wherever it is written. */
export const approximately = (of: { margins?: unknown } | null | undefined, text: string): string =>
  of?.margins === undefined || text === "" || text === "–" ? text : `≈ ${text}`;
