/** What is shown of the settings: exact where it is known, sampled elsewhere. */
import type { GroupStatistics, InterferenceStatistics, TensorStatistics } from "../../src/protocol/report";
import type { InspectorSettings } from "../../src/protocol/settings";
import type { InspectorState } from "./inspectorState";
import type { SampledRows, SampleIndex } from "./sampledStatistics";
import { shownRows } from "./shownRows";

/** Exact statistics of the settings in use, as far as they are there. */
export interface ExactStatistics {
  settings: string;
  rows: ReadonlyMap<string, TensorStatistics>;
  groups: ReadonlyMap<string, GroupStatistics>;
  totals: InterferenceStatistics | null;
}

/** Names settings: equal for equal ones. */
/** The same for the same settings, in whichever order they were made. */
export const settingsKey = (settings: InspectorSettings | null): string => JSON.stringify(settings, inOrder);

const inOrder = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

export const noneExact = (settings: InspectorSettings | null): ExactStatistics => ({
  settings: settingsKey(settings),
  rows: new Map(),
  groups: new Map(),
  totals: null,
});

type Shown = Pick<InspectorState, "exactShown" | "rows" | "groups" | "totals">;
type Figures = Omit<Shown, "exactShown">;

export class ShownStatistics {
  private from: readonly unknown[] = [];
  private figures: Figures | null = null;

  /**
   * The same objects as long as they are of the same statistics, so that views know what to draw again.
   * @param sample of these settings, or of those before them until theirs is there.
   */
  of(
    settings: InspectorSettings | null,
    exact: ExactStatistics,
    sample: SampledRows | null,
    index: SampleIndex | null,
  ): Shown {
    const exactShown = exact.settings === settingsKey(settings);
    const counted = exactShown && (exact.rows.size > 0 || exact.totals) ? exact : null;
    const from = [counted, sample, index];
    if (!this.figures || from.some((value, at) => value !== this.from[at])) {
      this.from = from;
      this.figures = figuresOf(counted, sample, index);
    }
    return { exactShown, ...this.figures };
  }
}

function figuresOf(exact: ExactStatistics | null, sample: SampledRows | null, index: SampleIndex | null): Figures {
  if (!exact) {
    return {
      rows: shownRows(new Map(), sample, index),
      groups: sample?.groups ?? new Map(),
      totals: sample?.totals ?? null,
    };
  }
  if (!sample || exact.totals) {
    return { rows: shownRows(exact.rows, null, index), groups: exact.groups, totals: exact.totals };
  }
  return {
    rows: shownRows(exact.rows, sample, index),
    groups: new Map([...sample.groups, ...exact.groups]),
    totals: sample.totals,
  };
}
