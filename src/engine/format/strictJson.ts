/**
 * JSON from a file that is hostile until read. Beyond JSON.parse it refuses duplicate keys (JSON.parse keeps the
 * last silently, so two readers may see two different files), names that no UTF-8 can write, and deep nesting.
 */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** Below this a list is searched faster than a set; a header has thousands of objects of three members. */
const SMALL_OBJECT = 8;

/** Members in the order of the text. `__proto__` is a key like any other. */
export class JsonObject {
  private readonly keys: string[] = [];
  private readonly values: JsonValue[] = [];
  private seen: Set<string> | null = null;

  /** Adds a member; false, and nothing is added, where the key is there already. */
  add(key: string, value: JsonValue): boolean {
    if (this.seen ? this.seen.has(key) : this.keys.includes(key)) return false;
    this.keys.push(key);
    this.values.push(value);
    if (this.seen) this.seen.add(key);
    else if (this.keys.length > SMALL_OBJECT) this.seen = new Set(this.keys);
    return true;
  }

  get(key: string): JsonValue | undefined {
    return this.values[this.keys.indexOf(key)];
  }

  *[Symbol.iterator](): Generator<[string, JsonValue]> {
    for (let i = 0; i < this.keys.length; i++) yield [this.keys[i], this.values[i]];
  }
}

/** Deeper than any header or index; keeps the recursion off the end of the stack. */
export const MAX_JSON_DEPTH = 64;

export class JsonError extends Error {
  constructor(
    readonly kind: "syntax" | "duplicate-key",
    /** The key, or what was expected and where. */
    readonly detail: string,
  ) {
    super(`${kind}: ${detail}`);
    this.name = "JsonError";
  }
}

/** Parses one JSON value with white space around it. Throws JsonError. */
export function parseStrictJson(text: string): JsonValue {
  return new Scanner(text).document();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_E = 0x65;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Numbers of so many digits are below 2⁵³: exact. */
const SAFE_DIGITS = 15;

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): JsonValue {
    const value = this.value(0);
    this.next();
    if (this.at < this.text.length) this.fail("the end");
    return value;
  }

  private value(depth: number): JsonValue {
    if (depth > MAX_JSON_DEPTH) this.fail(`at most ${MAX_JSON_DEPTH} levels`);
    switch (this.next()) {
      case OPEN_BRACE:
        return this.object(depth);
      case OPEN_BRACKET:
        return this.array(depth);
      case QUOTE:
        return this.string();
      default:
        return this.scalar();
    }
  }

  private object(depth: number): JsonObject {
    const object = new JsonObject();
    this.at++;
    if (this.next() === CLOSE_BRACE) {
      this.at++;
      return object;
    }
    for (;;) {
      if (this.next() !== QUOTE) this.fail("a key");
      const key = this.string();
      if (this.next() !== COLON) this.fail("a colon");
      this.at++;
      if (!object.add(key, this.value(depth + 1))) throw new JsonError("duplicate-key", key);
      if (this.closes(CLOSE_BRACE)) return object;
    }
  }

  private array(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    this.at++;
    if (this.next() === CLOSE_BRACKET) {
      this.at++;
      return array;
    }
    for (;;) {
      array.push(this.value(depth + 1));
      if (this.closes(CLOSE_BRACKET)) return array;
    }
  }

  /** Passes a comma or the closing sign; whether it was the latter. */
  private closes(closing: number): boolean {
    const code = this.next();
    if (code !== COMMA && code !== closing) this.fail("a comma or the end of the list");
    this.at++;
    return code === closing;
  }

  private string(): string {
    const begin = this.at;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(++this.at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        this.at++;
      } else if (!(code >= 0x20)) {
        this.fail("the end of a string"); // a control character, or NaN past the end of the text
      }
    }
    this.at++;
    if (!escaped) return this.text.slice(begin + 1, this.at - 1);
    return this.unescape(this.text.slice(begin, this.at));
  }

  private unescape(literal: string): string {
    let string: string;
    try {
      string = JSON.parse(literal) as string;
    } catch {
      return this.fail("a valid escape");
    }
    if (/\p{Surrogate}/u.test(string)) this.fail("whole characters, not half a surrogate pair");
    return string;
  }

  private scalar(): null | boolean | number {
    const whole = this.wholeNumber();
    if (whole !== undefined) return whole;
    SCALAR.lastIndex = this.at;
    const found = SCALAR.exec(this.text);
    if (!found) return this.fail("a value");
    this.at = SCALAR.lastIndex;
    return JSON.parse(found[0]) as null | boolean | number;
  }

  /** The usual number of a header, at ten times the speed of the expression: short, without sign, point or exponent. */
  private wholeNumber(): number | undefined {
    let value = 0;
    let at = this.at;
    let code = this.text.charCodeAt(at);
    const begin = code === ZERO ? NaN : at; // a leading 0 is left to the expression
    for (; code >= ZERO && code <= NINE; code = this.text.charCodeAt(++at)) value = value * 10 + (code - ZERO);
    const digits = at - begin;
    if (!(digits > 0 && digits <= SAFE_DIGITS) || code === POINT || (code | 0x20) === LETTER_E) return undefined;
    this.at = at;
    return value;
  }

  /** Skips white space; the code there, NaN at the end. */
  private next(): number {
    let code = this.text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.text.charCodeAt(++this.at);
    return code;
  }

  private fail(expected: string): never {
    throw new JsonError("syntax", `expected ${expected} at character ${this.at}`);
  }
}
