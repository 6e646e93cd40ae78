/**
 * JSON from a file that is hostile until read. Beyond JSON.parse it refuses duplicate keys (JSON.parse keeps the
 * last silently, so two readers may see two different files), names that no UTF-8 can write, and deep nesting.
 * The values come from JSON.parse, ten times as fast as our own code; that looks only at what JSON.parse lets pass.
 */
import { JsonError, StrictJsonCheck } from "./strictJsonCheck";

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** As JSON.parse makes it: read members with `member` or Object.entries, which see its own members alone. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export { JsonError };

/** Deeper than any header or index; keeps recursion off the end of the stack. */
export const MAX_JSON_DEPTH = 64;

/** Parses one JSON value with white space around it. Throws JsonError. */
export function parseStrictJson(text: string): JsonValue {
  const value = tryParse(text);
  if (value === undefined || !isPlain(text, value)) new StrictJsonCheck(text, MAX_JSON_DEPTH).document();
  // The check takes no text that JSON.parse refuses.
  return value ?? null;
}

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const member = (object: JsonObject, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

function tryParse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Whether valid JSON has neither escapes nor deep nesting nor a key twice: as many keys stand in the text as came out.
 * Almost every header is like that; the others are looked at member by member.
 */
function isPlain(text: string, value: JsonValue): boolean {
  if (text.includes("\\")) return false;
  let keys = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = text.indexOf('"', at + 1);
        break;
      case COLON:
        keys++;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > MAX_JSON_DEPTH) return false; // the check says whether it is too deep
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
    }
  }
  return countKeys(value) === keys;
}

function countKeys(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Array.isArray(value) ? value : Object.values(value);
  let keys = values === value ? 0 : values.length;
  for (const inner of values) if (typeof inner === "object") keys += countKeys(inner);
  return keys;
}
