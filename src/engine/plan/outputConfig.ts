import type { FloatDtype } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";

/** Keys under which loaders look for the dtype of the weights. */
const DTYPE_KEYS = ["torch_dtype", "dtype"];

/** Strings, and the brackets that tell how deep one stands. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[[\]{}]/g;
/** What follows a key whose value is a string. */
const STRING_VALUE = /\s*:\s*("(?:[^"\\]|\\.)*")/y;

/**
 * The base's config.json for an output of another dtype: what it says of the dtype is made true, and not a character
 * else is changed: `1.0` must not become `1`, which loaders that check types refuse. A config that is no JSON object,
 * or says nothing of a dtype, stays as it is.
 */
export function configForDtype(config: string, outDtype: FloatDtype | null): string {
  if (outDtype === null || !isObject(config)) return config;
  const parts: string[] = [];
  let done = 0;
  let depth = 0;
  for (const { 0: token, index } of config.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && DTYPE_KEYS.includes(token.slice(1, -1))) {
      STRING_VALUE.lastIndex = index + token.length;
      const value = STRING_VALUE.exec(config)?.[1];
      if (value === undefined) continue;
      parts.push(config.slice(done, STRING_VALUE.lastIndex - value.length), `"${RECIPE_DTYPES[outDtype]}"`);
      done = STRING_VALUE.lastIndex;
    }
  }
  return parts.join("") + config.slice(done);
}

function isObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
