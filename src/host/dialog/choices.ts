/** What the steps of the dialog fill in. */
import type { Method } from "../../protocol/mergeSet";

export interface MergeChoices {
  /** Empty: adapters are merged with one another. */
  base: string;
  models: string[];
  method: Method;
  /** Share of each task vector that is kept, 0 to 1. */
  density: number;
  /** How far SLERP goes from the base to the other model, 0 to 1. */
  t: number;
  /** The rank that merged changes of adapters are factored to; without it, their factors are merged. */
  rank?: number;
  /** Share of each tensor's parameters that SCE selects, 0 to 1. */
  selectTopk: number;
  /** Absolute paths of the models' statistics, in their order; for methods that weigh with them. */
  statistics: string[];
  /** Absolute path of the output folder. */
  out: string;
}
