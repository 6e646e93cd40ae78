import type { InterferenceStatistics, ModelStatistics, PairStatistics } from "../../protocol/report";
import {
  sumOfLanes,
  type ModelCount,
  type ModelSum,
  type Tally,
  type TallyLayout,
  type TotalCount,
  type TotalSum,
} from "./tally";

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
  const total = (count: TotalCount): number => tally[layout.total(count)];
  const sum = (name: TotalSum): number => sumOfLanes(tally, layout.totalSum(name));
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
      sum("mergedSquared") + sum(zeroSign > 0 ? "mergedSquaredIfPositive" : "mergedSquaredIfNegative"),
    ),
    meanNorm: Math.sqrt(sum("summedSquared")) / layout.models,
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
  const count = (name: ModelCount): number => tally[layout.model(t, name)];
  const sum = (name: ModelSum): number => sumOfLanes(tally, layout.modelSum(t, name));
  const lost = count("lost") + count(zeroSign > 0 ? "lostIfPositive" : "lostIfNegative");
  const lostMass = sum("lostMass") + sum(zeroSign > 0 ? "massPositive" : "massNegative");
  return {
    threshold,
    density,
    kept: count("positive") + count("negative"),
    positive: count("positive"),
    negative: count("negative"),
    norm: Math.sqrt(sum("normSquared")),
    keptNorm: Math.sqrt(sum("keptSquared")),
    lost,
    lostMass: sum("mass") > 0 ? lostMass / sum("mass") : 0,
  };
}

function pairStatistics(tally: Tally, layout: TallyLayout): PairStatistics[] {
  const pairs: PairStatistics[] = [];
  const norm = (t: number): number => Math.sqrt(sumOfLanes(tally, layout.modelSum(t, "normSquared")));
  for (let i = 0; i < layout.models; i++) {
    for (let j = i + 1; j < layout.models; j++) {
      const norms = norm(i) * norm(j);
      pairs.push({
        i,
        j,
        cosine: norms > 0 ? sumOfLanes(tally, layout.pairDot(i, j)) / norms : null,
        bothKept: tally[layout.pair(i, j, "bothKept")],
        disagree: tally[layout.pair(i, j, "disagree")],
      });
    }
  }
  return pairs;
}
