/** Statistics of any settings in the models of the opened set, exact or sampled. */
import { usesTaskVectors } from "../../src/protocol/mergeSet";
import { placesOf, type Places } from "../../src/protocol/places";
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
  /** Half of the 95 % interval around the whole model's share in conflict; NaN until it is there. */
  conflictMargin: number;
}

export interface SampledRows {
  facts: SampleFacts;
  totals: Sampled<InterferenceStatistics>;
  groups: Map<string, Sampled<GroupStatistics>>;
  /** By place; read when they are looked at, as are those of tensors. */
  place(index: number): Sampled<InterferenceStatistics>;
  /** Undefined also where rows of tensors were not asked for. */
  tensor(name: string): Sampled<TensorStatistics> | undefined;
}

/** Where each tensor of an opened set stands in a sampled report. */
export class SampleIndex {
  readonly places: Places;
  readonly tensors: ReadonlyMap<string, number>;
  /** A map's cells and a table's groups are asked for again and again. */
  private readonly known = new WeakMap<readonly { name: string }[], number[] | null>();

  constructor({ tensors }: Pick<OpenedSet, "tensors">) {
    this.places = placesOf(tensors);
    this.tensors = new Map(tensors.map(({ name }, at) => [name, at]));
  }

  /** Places that the tensors make up together; null where they are parts of some. The list never changes. */
  placesOf(tensors: readonly { name: string }[]): number[] | null {
    const known = this.known.get(tensors);
    if (known !== undefined) return known;
    const places = this.findPlaces(tensors);
    this.known.set(tensors, places);
    return places;
  }

  private findPlaces(tensors: readonly { name: string }[]): number[] | null {
    const counts = new Map<number, number>();
    for (const { name } of tensors) {
      const place = this.places.of[this.tensors.get(name) ?? -1];
      if (place === undefined) return null;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    const whole = [...counts].every(([place, count]) => this.places.tensors[place]?.length === count);
    return whole ? [...counts.keys()] : null;
  }
}

/** The opened set's models that settings leave on; as opened: all. */
export const membersOf = ({ set }: Pick<OpenedSet, "set">, settings: InspectorSettings | null): number[] =>
  set.models.flatMap(({ path }, index) =>
    settings === null || (settings.models[index]?.on && (!usesTaskVectors(settings.method) || path !== set.base))
      ? [index]
      : [],
  );

/** What the host sent, in the models of the opened set. */
export function sampledRows(
  report: SampledReport,
  opened: OpenedSet,
  { tensors, places }: SampleIndex,
  members: readonly number[],
): SampledRows {
  const { models, figures, margins } = report;
  const all = opened.set.models.length;
  const length = figuresLength(models);
  const read = (from: ArrayLike<number>, start: number): InterferenceStatistics =>
    spreadModels(readFigures(from, start, models), members, all);
  let nothingSaid: InterferenceStatistics | undefined;
  const row = (index: number): Sampled<InterferenceStatistics> => {
    const start = index * length;
    const statistics: Sampled<InterferenceStatistics> = read(figures, start);
    // Their number is known, unless nothing is said of the row: then its margins are those of any such row.
    if (Number.isNaN(margins[start])) statistics.margins = nothingSaid ??= read(margins, start);
    else if (margins.subarray(start, start + length).some((margin) => margin !== 0)) {
      statistics.margins = read(margins, start);
    }
    return statistics;
  };
  const totals = row(0);
  const firstPlace = 1 + report.groups.length;
  const known = new Map<string, Sampled<TensorStatistics>>();
  const tensor = (name: string): Sampled<TensorStatistics> | undefined => {
    const at = tensors.get(name);
    const entry = opened.tensors[at ?? -1];
    if (at === undefined || !entry) return undefined;
    const place = places.of[at] ?? 0;
    const isPlace = places.tensors[place]?.length === 1;
    if (!isPlace && !report.tensors) return undefined;
    const read = known.get(name) ?? {
      name,
      shape: entry.shape,
      dtype: entry.dtype,
      ...row(isPlace ? firstPlace + place : firstPlace + report.places + at),
    };
    known.set(name, read);
    return read;
  };
  const ofPlaces = new Map<number, Sampled<InterferenceStatistics>>();
  const place = (index: number): Sampled<InterferenceStatistics> => {
    const read = ofPlaces.get(index) ?? row(firstPlace + index);
    ofPlaces.set(index, read);
    return read;
  };
  const { entries, elements, bytesRead, bytes } = report;
  const conflictMargin = totals.margins && elements > 0 ? totals.margins.conflict / elements : 0;
  return {
    facts: { entries, elements, bytesRead, bytes, isExact: !totals.margins, conflictMargin },
    totals,
    groups: new Map(report.groups.map((name, at) => [name, { name, ...row(1 + at) }])),
    place,
    tensor,
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

/** Whether it is known how far estimated figures may be off: that follows a moment after the figures. */
export const hasMargins = (margins: InterferenceStatistics): boolean => !Number.isNaN(margins.elements);
