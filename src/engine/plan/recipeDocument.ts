/** A YAML document as typed values with positions: every problem is noted where it stands, none is thrown. */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { Alias, Document, Node, YAMLMap } from "yaml";
import { suggestion } from "./nearestName";

export interface RecipeProblem {
  /** Counted from 1; the end is behind the last character. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** Of a recipe with an error nothing is merged; a warning says what probably was not meant. */
  severity: "error" | "warning";
  message: string;
}

export interface Entry {
  key: Node;
  value: Node | null;
}

/** A recipe is a few lines a model; a longer text is something else, and slow to parse. */
const MAX_RECIPE_CHARACTERS = 250_000;

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands here a second time",
  MULTIPLE_DOCS: "a recipe is one YAML document; here a second one begins",
};

/** Of the parser's own complaint: it may quote a whole line. */
const MAX_SYNTAX_MESSAGE = 200;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const MERGE_KEY = "<<";

const TOO_DEEP = "values are nested too deep";

export class RecipeDocument {
  readonly problems: RecipeProblem[] = [];
  /** The mapping that the recipe is; null where it is none, which is noted. */
  readonly root: YAMLMap | null;
  private readonly lines = new LineCounter();
  private readonly anchored = new Map<Alias, Node>();

  constructor(text: string) {
    const document = this.parse(text);
    if (document) this.resolveAliases(document);
    this.root = document && this.problems.length === 0 ? this.rootOf(document) : null;
  }

  /** Notes a problem at a node, or at the start of the document. */
  report(node: Node | null | undefined, message: string, severity: RecipeProblem["severity"] = "error"): void {
    const [start, end] = node?.range ?? [0, 0];
    this.reportAt(start, message, severity, end);
  }

  /** What a node is, aliases followed. */
  kindOf(node: Node | null): "list" | "mapping" | "scalar" {
    const followed = this.follow(node);
    return isSeq(followed) ? "list" : isMap(followed) ? "mapping" : "scalar";
  }

  /** The pairs of a mapping by key; notes other values and keys that are not in `known` or are in `refused`. */
  entries(
    node: Node | null,
    what: string,
    known: readonly string[],
    refused: Readonly<Record<string, string>> = {},
  ): Map<string, Entry> {
    const found = new Map<string, Entry>();
    const map = this.follow(node);
    if (!isMap(map)) {
      if (map) this.report(node, `${what} must be a mapping of keys to values`);
      return found;
    }
    for (const { key, value } of this.pairs(map)) {
      const name = isScalar(key) ? String(key.value) : "?";
      const reason = Object.hasOwn(refused, name) ? refused[name] : undefined;
      if (reason !== undefined) this.report(key, `\`${name}\`: ${reason}`);
      else if (!known.includes(name)) this.report(key, `unknown key \`${name}\`${suggestion(name, known)}`);
      else found.set(name, { key, value });
    }
    return found;
  }

  /** Whether nothing stands where a value could, or `null`. */
  isNull(node: Node | null): boolean {
    return node === null || this.scalar(node) === null;
  }

  items(node: Node | null, what: string): Node[] | undefined {
    const list = this.follow(node);
    if (isSeq(list)) return list.items as Node[];
    this.report(node, `${what} must be a list`);
    return undefined;
  }

  text(node: Node | null, what: string): string | undefined {
    const value = this.scalar(node);
    if (typeof value === "string" && value !== "") return value;
    this.report(node, `${what} must be a text`);
    return undefined;
  }

  number(node: Node | null, what: string): number | undefined {
    const value = this.scalar(node);
    if (typeof value === "number") return value;
    // mergekit takes a number in quotes for a number, too.
    if (typeof value === "string" && DECIMAL.test(value)) return Number(value);
    this.report(node, `${what} must be a number`);
    return undefined;
  }

  /** A truth value as mergekit's YAML 1.1 has it: also yes, no, on, off, 1 and 0. */
  boolean(node: Node | null, what: string): boolean | undefined {
    const word = String(this.scalar(node)).toLowerCase();
    if (["true", "yes", "on", "1"].includes(word)) return true;
    if (["false", "no", "off", "0"].includes(word)) return false;
    this.report(node, `${what} must be true or false`);
    return undefined;
  }

  word<Word extends string>(node: Node | null, what: string, words: readonly Word[]): Word | undefined {
    const text = this.text(node, what);
    if (text === undefined) return undefined;
    const found = words.find((word) => word === text);
    if (found === undefined) this.report(node, `unknown ${what} \`${text}\`${suggestion(text, words)}`);
    return found;
  }

  /** A list of texts; one text alone is a list of one. */
  texts(node: Node | null, what: string): string[] | undefined {
    if (isScalar(this.follow(node))) {
      const text = this.text(node, what);
      return text === undefined ? undefined : [text];
    }
    return this.items(node, what)?.flatMap((item) => this.text(item, `each entry of ${what}`) ?? []);
  }

  private parse(text: string): Document | null {
    if (text.length > MAX_RECIPE_CHARACTERS) {
      this.reportAt(0, `a recipe has at most ${MAX_RECIPE_CHARACTERS} characters, this file has ${text.length}`);
      return null;
    }
    try {
      const document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
      for (const problem of [...document.errors, ...document.warnings]) {
        this.reportAt(problem.pos[0], SYNTAX_MESSAGES[problem.code] ?? syntaxMessage(problem.message));
      }
      return document;
    } catch (error) {
      // Only a text made to break parsers gets here: brackets nested by the thousand.
      if (!(error instanceof RangeError)) throw error;
      this.reportAt(0, TOO_DEEP);
      return null;
    }
  }

  /** Binds each alias to its node in one pass, so that their number cannot multiply the work. */
  private resolveAliases(document: Document): void {
    const anchors = new Map<string, Node>();
    visit(document, {
      Node: (_, node) => {
        if (!isAlias(node)) {
          const anchor = "anchor" in node ? node.anchor : undefined;
          if (anchor) anchors.set(anchor, node);
          return;
        }
        const target = anchors.get(node.source);
        if (target) this.anchored.set(node, target);
        else this.report(node, `there is no anchor \`${node.source}\` above`);
      },
    });
  }

  private rootOf(document: Document): YAMLMap | null {
    const root = document.contents;
    if (isMap(root)) return root;
    this.report(root, "a recipe is a mapping of keys to values, such as `merge_method: ties`");
    return null;
  }

  /**
   * The pairs of a mapping. Those that `<<` merges in (YAML 1.1, which mergekit reads) come first: a later pair of
   * the same key wins. A `<<` inside of what is merged in is not followed, so that it cannot multiply the work.
   */
  private pairs(map: YAMLMap): Entry[] {
    const own = ownPairs(map);
    const isMerge = ({ key }: Entry): boolean => isScalar(key) && key.value === MERGE_KEY;
    const merged = own.filter(isMerge).flatMap(({ key, value }) => {
      const target = this.follow(value);
      const sources = (isSeq(target) ? (target.items as Node[]) : [target]).map((source) => this.follow(source));
      if (!sources.every((source) => isMap(source))) this.report(key, "`<<` merges mappings only");
      // Of several, the first wins.
      return sources.reverse().flatMap((source) => (isMap(source) ? ownPairs(source) : []));
    });
    return [...merged, ...own.filter((pair) => !isMerge(pair))];
  }

  private follow(node: Node | null): Node | null {
    return isAlias(node) ? (this.anchored.get(node) ?? null) : node;
  }

  private scalar(node: Node | null): unknown {
    const followed = this.follow(node);
    return isScalar(followed) ? followed.value : undefined;
  }

  private reportAt(offset: number, message: string, severity: RecipeProblem["severity"] = "error", end = offset): void {
    const [from, to] = [this.lines.linePos(offset), this.lines.linePos(end)];
    const [line, column] = [Math.max(1, from.line), Math.max(1, from.col)];
    const [endLine, endColumn] = [Math.max(1, to.line), Math.max(1, to.col)];
    this.problems.push({ line, column, endLine, endColumn, severity, message });
  }
}

const ownPairs = (map: YAMLMap): Entry[] =>
  map.items.map(({ key, value }) => ({ key: key as Node, value: value as Node | null }));

/** The parser reports its own overflow as a syntax error. */
function syntaxMessage(message: string): string {
  if (/call stack/i.test(message)) return TOO_DEEP;
  const line = message.replace(/\s+/g, " ").trim();
  return line.length > MAX_SYNTAX_MESSAGE ? `${line.slice(0, MAX_SYNTAX_MESSAGE)}…` : line;
}
