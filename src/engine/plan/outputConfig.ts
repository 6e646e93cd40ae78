import type { FloatDtype } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";

/** Keys under which loaders look for the dtype of the weights. */
const DTYPE_KEYS = ["torch_dtype", "dtype"];

/**
 * The base's config.json for an output of another dtype: what it says of the dtype is made true, all else stays.
 * A config that is no JSON object, or says nothing of a dtype, stays as it is.
 */
export function configForDtype(config: string, outDtype: FloatDtype | null): string {
  if (outDtype === null) return config;
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch {
    return config;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return config;
  const entries = Object.entries(parsed);
  if (!entries.some(([key, value]) => DTYPE_KEYS.includes(key) && typeof value === "string")) return config;
  const changed = entries.map(([key, value]): [string, unknown] => [
    key,
    DTYPE_KEYS.includes(key) && typeof value === "string" ? RECIPE_DTYPES[outDtype] : value,
  ]);
  return `${JSON.stringify(Object.fromEntries(changed), null, 2)}\n`;
}
