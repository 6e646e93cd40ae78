/** Where each field of the merge set that a recipe is read into stands, so that what is wrong is told at its place. */
import type { Node } from "yaml";
import type { RecipeDocument, Entry } from "./recipeDocument";

export class RecipeFields {
  /** Filters in the order of the recipe. */
  readonly filters: { text: string; node: Node | null }[] = [];
  /** The keys that were read, as they stand. */
  readonly keys: { key: string; node: Node }[] = [];
  private readonly nodes = new Map<string, Node | null>();
  /** Fields that stand in the recipe but could not be read: they are not missing. */
  private readonly unreadable = new Set<string>();

  constructor(readonly document: RecipeDocument) {}

  place(field: string, node: Node | null): void {
    this.nodes.set(field, node);
  }

  placeOf(field: string): Node | null | undefined {
    return this.nodes.get(field);
  }

  /** What is wrong with a field has been said. */
  skip(field: string): void {
    this.unreadable.add(field);
  }

  /** Reads an entry where there is one, and remembers where it stands. */
  take<Value>(
    entries: ReadonlyMap<string, Entry>,
    key: string,
    field: string,
    read: (node: Node | null) => Value | undefined,
  ): Value | undefined {
    const entry = entries.get(key);
    if (!entry) return undefined;
    this.place(field, entry.value ?? entry.key);
    this.keys.push({ key, node: entry.key });
    const value = read(entry.value);
    if (value === undefined) this.skip(field);
    return value;
  }

  /** Notes a problem at the field, or at the nearest that stands around it. */
  report(field: string, message: string, severity?: "error" | "warning"): void {
    let name = field;
    for (;;) {
      if (this.unreadable.has(name)) return;
      if (this.nodes.has(name) || !name.includes(".")) break;
      name = name.slice(0, name.lastIndexOf("."));
    }
    this.document.report(this.nodes.get(name) ?? this.document.root, message, severity);
  }
}

/** The entries that say something: to mergekit, a key of a recipe or model without a value is not there. */
export const said = (document: RecipeDocument, entries: Map<string, Entry>): Map<string, Entry> =>
  new Map([...entries].filter(([, { value }]) => !document.isNull(value)));
