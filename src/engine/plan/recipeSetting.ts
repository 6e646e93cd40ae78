/** Reads a parameter of a recipe: one value, a gradient over layers, or a list of `{filter, value}`. */
import type { Node } from "yaml";
import type { FilteredValue, LayerValue, Setting } from "../../protocol/mergeSet";
import type { RecipeFields } from "./recipeFields";
import { FILTER_KEYS } from "./recipeKeys";

/** mergekit's word for every name. */
const EVERY_NAME = "*";

interface Reading<Value> {
  fields: RecipeFields;
  /** Where the setting goes: `models.0.weight`; its values get the numbers behind, `models.0.weight.0`. */
  field: string;
  /** For messages. */
  what: string;
  one(node: Node | null): Value | undefined;
  /** Values read so far, with their nodes. */
  values: (Node | null)[];
}

export function readNumbers(fields: RecipeFields, node: Node | null, key: string, field: string): Setting | undefined {
  const what = `\`${key}\``;
  return read(node, { fields, field, what, one: (value) => fields.document.number(value, what), values: [] });
}

/** A truth value, or one by filters: between truth values nothing can be interpolated. */
export function readTruths(
  fields: RecipeFields,
  node: Node | null,
  key: string,
  field: string,
): Setting<boolean> | undefined {
  const what = `\`${key}\``;
  return read(node, { fields, field, what, one: (value) => fields.document.boolean(value, what), values: [] });
}

function read<Value extends number | boolean>(node: Node | null, reading: Reading<Value>): Setting<Value> | undefined {
  const { document } = reading.fields;
  const kind = document.kindOf(node);
  if (kind === "mapping") {
    document.report(node, `${reading.what}: filters stand in a list, such as \`- {filter: mlp, value: 1}\``);
    return undefined;
  }
  const items = kind === "list" ? (document.items(node, reading.what) ?? []) : [];
  if (items.some((item) => document.kindOf(item) === "mapping")) return readFilters(items, reading);
  return readLayerValue(node, reading);
}

function readLayerValue<Value extends number | boolean>(
  node: Node | null,
  reading: Reading<Value>,
): LayerValue<Value> | undefined {
  const { document } = reading.fields;
  if (document.kindOf(node) !== "list") return readOne(node, reading);
  const items = document.items(node, reading.what) ?? [];
  if (items.length === 0) {
    document.report(node, `${reading.what}: a gradient needs at least one value`);
    return undefined;
  }
  const values = items.map((item) => readOne(item, reading));
  if (values.some((value) => value === undefined)) return undefined;
  if (values.every((value) => typeof value === "number")) return values;
  document.report(node, `${reading.what}: between true and false there is no gradient; give one value or filters`);
  return undefined;
}

function readOne<Value>(node: Node | null, { fields, field, one, values }: Reading<Value>): Value | undefined {
  fields.place(`${field}.${values.length}`, node);
  values.push(node);
  return one(node);
}

function readFilters<Value extends number | boolean>(
  items: readonly Node[],
  reading: Reading<Value>,
): FilteredValue<Value>[] | undefined {
  const { document } = reading.fields;
  let fitsAll = false;
  const entries = items.map((item) => {
    if (fitsAll) document.report(item, "no tensor gets here: the entry above fits every name", "warning");
    const entry = readFilter(item, reading);
    fitsAll ||= entry !== undefined && entry.filter === undefined;
    return entry;
  });
  return entries.some((entry) => entry === undefined) ? undefined : (entries as FilteredValue<Value>[]);
}

function readFilter<Value extends number | boolean>(
  item: Node,
  reading: Reading<Value>,
): FilteredValue<Value> | undefined {
  const { fields, what } = reading;
  const { document } = fields;
  if (document.kindOf(item) !== "mapping") {
    document.report(
      item,
      `${what}: in a list of filters, each entry has a \`value\` and, but for the last, a \`filter\``,
    );
    return undefined;
  }
  const entries = document.entries(item, "a filter", FILTER_KEYS);
  const value = entries.get("value");
  if (!value) {
    document.report(item, `${what}: a filter needs the key \`value\``);
    return undefined;
  }
  const filter = entries.get("filter");
  const read = readLayerValue(value.value, reading);
  if (!filter || document.isNull(filter.value)) return read === undefined ? undefined : { value: read };
  const text = document.text(filter.value, "`filter`");
  if (text === undefined || read === undefined) return undefined;
  if (text === EVERY_NAME) return { value: read };
  fields.filters.push({ text, node: filter.value });
  return { filter: text, value: read };
}
