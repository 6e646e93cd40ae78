/** Every statistic of the report, in the order in which they are offered. */
import { electsSigns, type Method, type ModelChoice } from "../../src/protocol/mergeSet";
import type { InterferenceStatistics, ModelStatistics, PairStatistics } from "../../src/protocol/report";
import { t } from "../text/translate";
import type { Statistic, Unit } from "./statistic";

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** Of an election: another method merges something else. */
const OF_ELECTION = new Set(["mergedNorm", "normRatio"]);

/** Of all models together, of each model, of each pair; without what says nothing of what the method merges. */
export function statisticsOf(models: readonly ModelChoice[], method: Method): Statistic[] {
  const all = [...ofAll(), ...ofModels(models), ...ofPairs(models)];
  return electsSigns(method) ? all : all.filter(({ family }) => !OF_ELECTION.has(family));
}

function ofAll(): Statistic[] {
  return [
    one(
      "conflict",
      "share",
      t("Conflict"),
      t("Share of parameters kept by two or more models with both signs among them"),
      (all) => ratio(all.conflict, all.elements),
    ),
    one(
      "conflictBefore",
      "share",
      t("Conflict before"),
      t("Share of parameters with both signs among the untrimmed task vectors"),
      (all) => ratio(all.conflictBefore, all.elements),
    ),
    one(
      "agreement",
      "ratio",
      t("Agreement"),
      t("Mean of |#pos − #neg| ÷ (#pos + #neg) over parameters that somebody keeps; 1 is full agreement"),
      ({ agreement }) => agreement,
    ),
    one("keptByAny", "share", t("Kept by any"), t("Share of parameters that at least one model keeps"), (all) =>
      ratio(all.elements - (all.overlap[0] ?? 0), all.elements),
    ),
    one("cancelled", "share", t("Cancelled"), t("Share of parameters whose kept entries sum to exactly 0"), (all) =>
      ratio(all.elected.cancelled, all.elements),
    ),
    one(
      "mergedNorm",
      "norm",
      "‖τ_m‖",
      t("L2 norm of the merged task vector, before λ"),
      ({ mergedNorm }) => mergedNorm,
    ),
    one(
      "meanNorm",
      "norm",
      t("‖average‖"),
      t("L2 norm of the plain mean of the untrimmed task vectors"),
      ({ meanNorm }) => meanNorm,
    ),
    one(
      "normRatio",
      "ratio",
      t("‖τ_m‖ ÷ ‖average‖"),
      t("The merged task vector beside plain averaging: 1 is as long, 2 twice as long"),
      (all) => ratio(all.mergedNorm, all.meanNorm),
    ),
    one(
      "nonFinite",
      "count",
      t("NaN or ±Inf"),
      t("Entries with NaN or ±Inf that took the base’s value"),
      ({ nonFinite }) => nonFinite,
    ),
  ];
}

/** By family, then by model: what is compared stands side by side. */
function ofModels(models: readonly ModelChoice[]): Statistic[] {
  const family = (
    name: string,
    unit: Unit,
    label: string,
    hint: (model: string) => string,
    of: (model: ModelStatistics, all: InterferenceStatistics) => number | null,
  ): Statistic[] =>
    models.map((model, index) => ({
      id: `${name} ${index}`,
      family: name,
      label,
      hint: hint(model.name),
      models: [index],
      unit,
      value: (all) => (all.models[index] ? known(of(all.models[index], all)) : null),
    }));
  return [
    ...family(
      "kept",
      "share",
      t("Kept"),
      (model) => t("Share of the task vector of {model} that trimming keeps", { model }),
      ({ kept }, all) => ratio(kept, all.elements),
    ),
    ...family(
      "lost",
      "share",
      t("Lost mass"),
      (model) => t("Share of what {model} kept, by magnitude, that lost the election", { model }),
      ({ lostMass }) => lostMass,
    ),
    ...family(
      "lostEntries",
      "share",
      t("Lost entries"),
      (model) => t("Share of the entries that {model} kept, by count, that lost the election", { model }),
      ({ lost, kept }) => ratio(lost, kept),
    ),
    ...family(
      "positive",
      "share",
      t("Positive"),
      (model) => t("Share of the entries that {model} kept with a positive sign", { model }),
      ({ positive, kept }) => ratio(positive, kept),
    ),
    ...family(
      "norm",
      "norm",
      "‖τ‖",
      (model) => t("L2 norm of the task vector of {model}", { model }),
      ({ norm }) => norm,
    ),
    ...family(
      "keptNorm",
      "norm",
      "‖τ̂‖",
      (model) => t("L2 norm of what {model} keeps", { model }),
      ({ keptNorm }) => keptNorm,
    ),
    ...family(
      "keptShare",
      "ratio",
      "‖τ̂‖ ÷ ‖τ‖",
      (model) => t("Share of the task vector’s L2 norm that {model} keeps", { model }),
      ({ keptNorm, norm }) => ratio(keptNorm, norm),
    ),
    ...family(
      "threshold",
      "norm",
      t("Threshold"),
      (model) => t("Magnitude from which {model} keeps an entry", { model }),
      ({ threshold }) => threshold,
    ),
  ];
}

function ofPairs(models: readonly ModelChoice[]): Statistic[] {
  const pairs = models.flatMap((_, i) => models.slice(i + 1).map((_, offset): [number, number] => [i, i + 1 + offset]));
  const family = (
    name: string,
    unit: Unit,
    label: string,
    hint: string,
    of: (pair: PairStatistics) => number | null,
  ): Statistic[] =>
    pairs.map(([i, j]) => ({
      id: `${name} ${i} ${j}`,
      family: name,
      label,
      hint,
      models: [i, j],
      unit,
      value: (all) => {
        const pair = all.pairs.find((candidate) => candidate.i === i && candidate.j === j);
        return pair ? of(pair) : null;
      },
    }));
  return [
    ...family("cosine", "cosine", t("Cosine"), t("Cosine of the two untrimmed task vectors"), ({ cosine }) => cosine),
    ...family(
      "disagree",
      "share",
      t("Disagree"),
      t("Share of opposite signs among the entries that both keep"),
      ({ disagree, bothKept }) => ratio(disagree, bothKept),
    ),
  ];
}

const known = (value: number | null): number | null => (value === null || Number.isNaN(value) ? null : value);

const one = (id: string, unit: Unit, label: string, hint: string, value: Statistic["value"]): Statistic => ({
  id,
  family: id,
  label,
  hint,
  models: [],
  unit,
  value,
});
