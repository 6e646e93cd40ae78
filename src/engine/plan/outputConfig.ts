import type { FloatDtype } from "../../protocol/mergeSet";
import { RECIPE_DTYPES } from "./floatDtypeName";

/** Keys under which loaders look for the dtype of the weights. */
const DTYPE_KEYS = ["torch_dtype", "dtype"];

const TIED_KEY = "tie_word_embeddings";

/** Strings, and the brackets that tell how deep one stands. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[[\]{}]/g;
/** What follows a key whose value is a string or a flag. */
const VALUE = /\s*:\s*("(?:[^"\\]|\\.)*"|true|false)/y;

/** What the output is in another way than the base. */
interface ConfigChanges {
  /** Null: the base's. */
  outDtype: FloatDtype | null;
  /** The head is written apart from the embedding. */
  untied: boolean;
}

/**
 * The base's config.json for an output: what it says of the dtype and of tied weights is made true, and not a character
 * else is changed: `1.0` must not become `1`, which loaders that check types refuse. A config that is no JSON object
 * stays as it is, and so does one that says nothing of a dtype.
 */
export function outputConfig(config: string, { outDtype, untied }: ConfigChanges): string {
  if (!isObject(config)) return config;
  const parts: string[] = [];
  let done = 0;
  let depth = 0;
  let saysTied = false;
  for (const { 0: token, index } of config.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else {
      VALUE.lastIndex = index + token.length;
      const value = VALUE.exec(config)?.[1];
      const key = token.slice(1, -1);
      const isTied = untied && key === TIED_KEY && (value === "true" || value === "false");
      const isDtype = outDtype !== null && depth === 1 && DTYPE_KEYS.includes(key) && value?.startsWith('"');
      if (value === undefined || !(isTied || isDtype)) continue;
      saysTied ||= isTied && depth === 1;
      const truth = isTied ? "false" : `"${outDtype ? RECIPE_DTYPES[outDtype] : ""}"`;
      parts.push(config.slice(done, VALUE.lastIndex - value.length), truth);
      done = VALUE.lastIndex;
    }
  }
  const changed = parts.join("") + config.slice(done);
  // Where it is not said, many architectures take them as one.
  return untied && !saysTied ? changed.replace(/\{\s*/, `$&"${TIED_KEY}": false, `) : changed;
}

function isObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
