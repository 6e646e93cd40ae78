/** The merges that the demo compares, with the parameters that the paper recommends. */

type DemoMethod = "linear" | "task_arithmetic" | "fisher" | "regmean" | "ties";

export interface DemoMerge {
  method: DemoMethod;
  /** Share of each task vector that TIES keeps. */
  density?: number;
  lambda?: number;
  /** Whether λ was chosen on validation images. */
  validated: boolean;
}

/** Without validation: λ as the paper sets it where none can be chosen. */
export const FIXED_MERGES: readonly DemoMerge[] = [
  { method: "linear", validated: false },
  { method: "fisher", validated: false },
  { method: "regmean", validated: false },
  { method: "task_arithmetic", lambda: 0.4, validated: false },
  { method: "ties", density: 0.2, lambda: 1, validated: false },
];

/** With validation: the λ that are tried, as many for each method. */
export const SEARCHED_MERGES: readonly { method: DemoMethod; density?: number; lambdas: readonly number[] }[] = [
  { method: "task_arithmetic", lambdas: [0.1, 0.15, 0.2, 0.25, 0.3, 0.4] },
  { method: "ties", density: 0.2, lambdas: [0.4, 0.5, 0.6, 0.8, 1, 1.2] },
];

const LABELS: Readonly<Record<DemoMethod, string>> = {
  linear: "averaging",
  task_arithmetic: "task arithmetic",
  fisher: "Fisher merging",
  regmean: "RegMean",
  ties: "TIES",
};

/** Such as `TIES, density 0.2, λ 1`. */
export function labelOf({ method, density, lambda, validated }: DemoMerge): string {
  const parts = [LABELS[method]];
  if (density !== undefined) parts.push(`density ${density}`);
  if (lambda !== undefined) parts.push(`λ ${lambda}${validated ? " (validated)" : ""}`);
  return parts.join(", ");
}

/** Name of the merge's output folder, such as `ties-0.2-1`. */
export const folderNameOf = ({ method, density, lambda }: DemoMerge): string =>
  [method.replace("_", "-"), density, lambda].filter((part) => part !== undefined).join("-");
