/** A walk through a JSON text that finds what strictJson.ts refuses, and says where it stands. */

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

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

export class StrictJsonCheck {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
  ) {}

  /** Throws JsonError unless the text is one value that is allowed. */
  document(): void {
    this.value(0);
    this.next();
    if (this.at < this.text.length) this.fail("the end");
  }

  private value(depth: number): void {
    if (depth > this.maxDepth) this.fail(`at most ${this.maxDepth} levels`);
    switch (this.next()) {
      case OPEN_BRACE:
        this.object(depth);
        break;
      case OPEN_BRACKET:
        this.array(depth);
        break;
      case QUOTE:
        this.string();
        break;
      default:
        this.scalar();
    }
  }

  private object(depth: number): void {
    this.at++;
    if (this.next() === CLOSE_BRACE) {
      this.at++;
      return;
    }
    const keys = new Set<string>();
    do {
      if (this.next() !== QUOTE) this.fail("a key");
      const key = this.string();
      if (this.next() !== COLON) this.fail("a colon");
      this.at++;
      this.value(depth + 1);
      if (keys.has(key)) throw new JsonError("duplicate-key", key);
      keys.add(key);
    } while (!this.closes(CLOSE_BRACE));
  }

  private array(depth: number): void {
    this.at++;
    if (this.next() === CLOSE_BRACKET) {
      this.at++;
      return;
    }
    do this.value(depth + 1);
    while (!this.closes(CLOSE_BRACKET));
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

  private scalar(): void {
    SCALAR.lastIndex = this.at;
    if (!SCALAR.test(this.text)) this.fail("a value");
    this.at = SCALAR.lastIndex;
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
