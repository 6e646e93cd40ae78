/** The columns of the table of tensors: what each shows and how it is sorted. */
import type { InterferenceStatistics } from "../../src/protocol/report";
import type { ModelChoice } from "../../src/protocol/mergeSet";
import { formatCount, formatRatio, formatShare, formatWhole, NOTHING } from "../text/numbers";
import { t } from "../text/translate";

/** A line of the table, whether a tensor or a layer group. */
export interface TableLine {
  name: string;
  elements: number;
  /** Null until it is computed. */
  statistics: InterferenceStatistics | null;
}

export interface Column {
  id: string;
  /** Short heading; the model's name stands above a group of columns instead where `model` is set. */
  label: string;
  /** What the figure means, in a sentence. */
  hint: string;
  model: number | null;
  /** A bar in the cell, from 0 to 1. */
  bar: "share" | "none";
  /** Sorted this way on the first click: the worst first. */
  descendingFirst: boolean;
  value(line: TableLine): number | string | null;
  format(line: TableLine): string;
  /** The exact figure, where the cell rounds. */
  exact(line: TableLine): string;
}

const share = (count: number, of: number): number | null => (of > 0 ? count / of : null);

export function tableColumns(models: readonly ModelChoice[]): Column[] {
  return [
    {
      id: "name",
      label: t("Name"),
      hint: t("Layer or tensor"),
      model: null,
      bar: "none",
      descendingFirst: false,
      value: ({ name }) => name,
      format: ({ name }) => name,
      exact: ({ name }) => name,
    },
    {
      id: "elements",
      label: t("Parameters"),
      hint: t("Number of parameters"),
      model: null,
      bar: "none",
      descendingFirst: true,
      value: ({ elements }) => elements,
      format: ({ elements }) => formatCount(elements),
      exact: ({ elements }) => formatWhole(elements),
    },
    shareColumn(
      "conflict",
      t("Conflict"),
      t("Share of parameters kept by two or more models with both signs among them"),
      null,
      (line) => share(line.conflict, line.elements),
    ),
    {
      ...shareColumn(
        "agreement",
        t("Agreement"),
        t("Mean of |#pos − #neg| ÷ (#pos + #neg) over parameters that somebody keeps; 1 is full agreement"),
        null,
        (line) => line.agreement,
      ),
      bar: "none",
      descendingFirst: false,
      format: ({ statistics }) => formatRatio(statistics?.agreement, 2),
      exact: ({ statistics }) => formatRatio(statistics?.agreement, 6),
    },
    ...models.map((model, index) =>
      shareColumn(
        `kept ${index}`,
        t("Kept"),
        t("Share of the task vector of {model} that trimming keeps", { model: model.name }),
        index,
        (line) => share(line.models[index]?.kept ?? 0, line.elements),
      ),
    ),
    ...models.map((model, index) =>
      shareColumn(
        `lost ${index}`,
        t("Lost mass"),
        t("Share of what {model} kept, by magnitude, that lost the election", { model: model.name }),
        index,
        (line) => (Number.isFinite(line.models[index]?.lostMass) ? (line.models[index]?.lostMass ?? null) : null),
      ),
    ),
  ];
}

function shareColumn(
  id: string,
  label: string,
  hint: string,
  model: number | null,
  valueOf: (statistics: InterferenceStatistics) => number | null,
): Column {
  const value = ({ statistics }: TableLine): number | null => (statistics ? valueOf(statistics) : null);
  return {
    id,
    label,
    hint,
    model,
    bar: "share",
    descendingFirst: true,
    value,
    format: (line) => formatShare(value(line)),
    exact: (line) => (value(line) === null ? NOTHING : formatShare(value(line), 4)),
  };
}
