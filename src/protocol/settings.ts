/** What a person may change in the inspector about an opened merge set, beside the files themselves. */
import { COMPATS, METHODS, TRIM_SCOPES, type Compat, type MergeSet, type Method, type TiesRules } from "./mergeSet";

/** The same values for all tensors: where the opened set has values by layer, these stand in their place. */
export interface InspectorSettings {
  method: Method;
  compat: Compat;
  lambda: number;
  rules: TiesRules;
  normalize: boolean;
  /** Share of outliers that is dropped, and what drawn masks depend on, where the method knows them. */
  gamma: number;
  seed: number;
  /** DELLA: how far probabilities are from the density; where it is not said, as the set was opened. */
  epsilon?: number;
  /** In the order of the opened set's models. */
  models: {
    on: boolean;
    weight: number;
    /** Of `sce` its `select_topk`, the same for all models. */
    density: number;
  }[];
}

/** The plain fields of a set. Of a set with values by layer they are those of its first layers only. */
export const settingsOf = ({
  method,
  compat,
  lambda,
  rules,
  normalize,
  gamma,
  seed,
  epsilon,
  models,
}: MergeSet): InspectorSettings => ({
  method,
  compat,
  lambda,
  rules: { ...rules },
  normalize,
  gamma,
  seed,
  ...(epsilon !== undefined && { epsilon }),
  models: models.map(({ weight, density }) => ({ on: true, weight, density })),
});

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isOneOf = (values: readonly unknown[], value: unknown): boolean => values.includes(value);

const RULES: Readonly<Record<keyof TiesRules, readonly unknown[]>> = {
  trimScope: TRIM_SCOPES,
  trimTies: ["inclusive", "exact"],
  signConsensus: ["mass", "frequency"],
  zeroSign: ["majority", "positive"],
  weights: ["before", "after"],
  normalize: [true, false],
  merge: ["mean", "sum"],
};

/** Whether a value is settings by its shape; numbers are judged where a merge set is made of them. */
export function isInspectorSettings(value: unknown): value is InspectorSettings {
  if (!isRecord(value) || !isRecord(value.rules) || !Array.isArray(value.models)) return false;
  const { rules } = value;
  return (
    isOneOf(METHODS, value.method) &&
    isOneOf(COMPATS, value.compat) &&
    typeof value.lambda === "number" &&
    typeof value.normalize === "boolean" &&
    typeof value.gamma === "number" &&
    typeof value.seed === "number" &&
    (value.epsilon === undefined || typeof value.epsilon === "number") &&
    Object.entries(RULES).every(([rule, values]) => isOneOf(values, rules[rule])) &&
    value.models.every(
      (model) =>
        isRecord(model) &&
        typeof model.on === "boolean" &&
        typeof model.weight === "number" &&
        typeof model.density === "number",
    )
  );
}
