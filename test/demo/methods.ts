/** The merges that the demo compares, with the parameters that the papers name where they name some. */
import type { Method } from "../../src/protocol/mergeSet";

/** What of the command line's options a merge has. */
const SHARES = { density: "density", selectTopk: "select_topk" } as const;

export interface DemoMerge {
  method: Method;
  /** Share of each task vector that is kept. */
  density?: number;
  /** Share of the entries that SCE selects. */
  selectTopk?: number;
  lambda?: number;
  /** Whether λ was chosen on validation images. */
  validated: boolean;
}

/** Without validation: λ as the papers set it where none can be chosen. */
export const FIXED_MERGES: readonly DemoMerge[] = [
  { method: "linear", validated: false },
  { method: "fisher", validated: false },
  { method: "regmean", validated: false },
  { method: "model_stock", validated: false },
  { method: "task_arithmetic", lambda: 0.4, validated: false },
  { method: "ties", density: 0.2, lambda: 1, validated: false },
  { method: "dare_ties", density: 0.2, lambda: 1, validated: false },
  { method: "della", density: 0.5, lambda: 1, validated: false },
  { method: "breadcrumbs", density: 0.9, lambda: 0.4, validated: false },
  { method: "sce", selectTopk: 0.1, validated: false },
];

/** Of two tasks alone. */
export const PAIR_MERGES: readonly DemoMerge[] = [{ method: "slerp", validated: false }];

/** With validation: the λ that are tried, as many for each method. */
export const SEARCHED_MERGES: readonly { method: Method; density?: number; lambdas: readonly number[] }[] = [
  { method: "task_arithmetic", lambdas: [0.1, 0.15, 0.2, 0.3] },
  { method: "ties", density: 0.2, lambdas: [0.3, 0.4, 0.5, 0.6] },
  { method: "dare_ties", density: 0.2, lambdas: [0.1, 0.15, 0.2, 0.3] },
];

const LABELS: Readonly<Partial<Record<Method, string>>> = {
  linear: "averaging",
  task_arithmetic: "task arithmetic",
  fisher: "Fisher merging",
  regmean: "RegMean",
  model_stock: "Model Stock",
  ties: "TIES",
  dare_ties: "DARE-TIES",
  della: "DELLA",
  breadcrumbs: "Breadcrumbs",
  sce: "SCE",
  slerp: "SLERP",
};

/** Such as `TIES, density 0.2, λ 1`; a λ that was chosen has a star. */
export function labelOf(merge: DemoMerge): string {
  const { method, lambda, validated } = merge;
  const shares = (["density", "selectTopk"] as const).flatMap((key) =>
    merge[key] === undefined ? [] : [`${SHARES[key]} ${merge[key]}`],
  );
  const scale = lambda === undefined ? [] : [`λ ${lambda}${validated ? "*" : ""}`];
  return [LABELS[method] ?? method, ...shares, ...scale].join(", ");
}

/** Name of the merge's output folder, such as `ties-0.2-1`. */
export const folderNameOf = ({ method, density, selectTopk, lambda }: DemoMerge): string =>
  [method.replace("_", "-"), density, selectTopk, lambda].filter((part) => part !== undefined).join("-");
