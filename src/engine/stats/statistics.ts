import type { InterferenceStatistics, ModelStatistics, PairStatistics } from "../../protocol/report";
import type { Tally, TallyLayout } from "./tally";

/** What is reported of one model beside its sums. */
export interface ModelFacts {
  density: number;
  /** Threshold in force, or null where one figure cannot say it. */
  threshold: number | null;
}

/** The statistics of a tally, once the sign of cancelled entries is known. */
export function statisticsOf(
  tally: Tally,
  layout: TallyLayout,
  models: readonly ModelFacts[],
  zeroSign: 1 | -1,
): InterferenceStatistics {
  const total = (sum: Parameters<TallyLayout["total"]>[0]): number => tally[layout.total(sum)];
  const overlap = new Array<number>(layout.models + 1).fill(0);
  let conflict = 0;
  let agreement = 0;
  for (let positive = 0; positive <= layout.models; positive++) {
    for (let negative = 0; positive + negative <= layout.models; negative++) {
      const entries = tally[layout.signs(positive, negative)];
      const keepers = positive + negative;
      overlap[keepers] += entries;
      if (positive > 0 && negative > 0) conflict += entries;
      if (keepers > 0) agreement += (entries * Math.abs(positive - negative)) / keepers;
    }
  }
  const somebody = total("elements") - overlap[0];
  return {
    elements: total("elements"),
    models: models.map((facts, t) => modelStatistics(tally, layout, t, facts, zeroSign)),
    overlap,
    conflict,
    conflictBefore: total("conflictBefore"),
    elected: {
      positive: total("electedPositive"),
      negative: total("electedNegative"),
      cancelled: total("cancelled"),
    },
    agreement: somebody > 0 ? agreement / somebody : null,
    mergedNorm: Math.sqrt(
      total("mergedSquared") + total(zeroSign > 0 ? "mergedSquaredIfPositive" : "mergedSquaredIfNegative"),
    ),
    meanNorm: Math.sqrt(total("meanSquared")),
    pairs: pairStatistics(tally, layout),
    nonFinite: total("nonFinite"),
  };
}

function modelStatistics(
  tally: Tally,
  layout: TallyLayout,
  t: number,
  { density, threshold }: ModelFacts,
  zeroSign: 1 | -1,
): ModelStatistics {
  const sum = (name: Parameters<TallyLayout["model"]>[1]): number => tally[layout.model(t, name)];
  const cancelledKept = cancelledEntriesOf(tally, layout, t);
  const lost = sum("lost") + cancelledKept - sum(zeroSign > 0 ? "votesPositive" : "votesNegative");
  const lostMass = sum("lostMass") + sum(zeroSign > 0 ? "massPositive" : "massNegative");
  return {
    threshold,
    density,
    kept: sum("positive") + sum("negative"),
    positive: sum("positive"),
    negative: sum("negative"),
    norm: Math.sqrt(sum("normSquared")),
    keptNorm: Math.sqrt(sum("keptSquared")),
    lost,
    lostMass: sum("mass") > 0 ? lostMass / sum("mass") : 0,
  };
}

/** Entries that this model keeps and that cancel: it votes + or − on each of them. */
const cancelledEntriesOf = (tally: Tally, layout: TallyLayout, t: number): number =>
  tally[layout.model(t, "votesPositive")] + tally[layout.model(t, "votesNegative")];

function pairStatistics(tally: Tally, layout: TallyLayout): PairStatistics[] {
  const pairs: PairStatistics[] = [];
  for (let i = 0; i < layout.models; i++) {
    for (let j = i + 1; j < layout.models; j++) {
      const norms = Math.sqrt(tally[layout.model(i, "normSquared")]) * Math.sqrt(tally[layout.model(j, "normSquared")]);
      pairs.push({
        i,
        j,
        cosine: norms > 0 ? tally[layout.pair(i, j, "dot")] / norms : null,
        bothKept: tally[layout.pair(i, j, "bothKept")],
        disagree: tally[layout.pair(i, j, "disagree")],
      });
    }
  }
  return pairs;
}
