/** What the method of a set is called, and what the pictures of its result show. */
import type { MergeSet } from "../../src/protocol/mergeSet";
import { t } from "./translate";

export function methodName({ method }: Pick<MergeSet, "method">): string {
  switch (method) {
    case "ties":
      return "TIES";
    case "linear":
      return t("Averaging");
    case "task_arithmetic":
      return t("Task arithmetic");
    case "dare_ties":
      return "DARE-TIES";
    case "dare_linear":
      return "DARE";
    case "breadcrumbs":
      return "Breadcrumbs";
    case "breadcrumbs_ties":
      return "Breadcrumbs-TIES";
    case "magnitude_prune":
      return t("Magnitude pruning");
    case "cat":
      return t("Concatenation");
    case "fisher":
      return t("Fisher merging");
    case "regmean":
      return "RegMean";
    case "della":
      return "DELLA";
    case "della_linear":
      return "DELLA-linear";
    case "slerp":
      return "SLERP";
    case "model_stock":
      return "Model Stock";
    case "sce":
      return "SCE";
  }
}
