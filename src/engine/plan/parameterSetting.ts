/** Parameters that differ by tensor: gradients over layers and `{filter, value}` lists, as mergekit evaluates them. */
import type { FilteredValue, LayerValue, Setting } from "../../protocol/mergeSet";

export const isGradient = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "number");

export const isFiltered = <Value>(setting: Setting<Value>): setting is FilteredValue<Value>[] =>
  Array.isArray(setting) && !isGradient(setting);

/** The entries that a setting stands for. */
export const entriesOf = <Value>(setting: Setting<Value>): FilteredValue<Value>[] =>
  isFiltered(setting) ? setting : [{ value: setting }];

/**
 * What holds where several levels say something, the nearest first: of each the first entry that fits, and where none
 * of a level fits, the next level; `fallback` where no level says anything. The result fits every name and is the
 * shortest list that does, so that two settings that are read alike are equal.
 */
export function layered<Value extends number | boolean>(
  levels: readonly (Setting<Value> | undefined)[],
  fallback: Value,
): Setting<Value> {
  const entries: FilteredValue<Value>[] = [];
  for (const { filter, value } of levels.flatMap((level) => (level === undefined ? [] : entriesOf(level)))) {
    const shortest = isGradient(value) && value.length === 1 ? (value[0] as Value) : value;
    if (filter === undefined) return withLast(entries, shortest);
    entries.push({ filter, value: shortest });
  }
  return withLast(entries, fallback);
}

const withLast = <Value>(entries: readonly FilteredValue<Value>[], value: LayerValue<Value>): Setting<Value> =>
  entries.length === 0 ? value : [...entries, { value }];

/** Whether the setting is one value for all tensors. */
export const isPlain = <Value extends number | boolean>(setting: Setting<Value>): setting is Value =>
  !Array.isArray(setting);

/** The one value that stands for a setting where only one can be shown: what its last entry says, of a gradient the first. */
export function plainValue<Value extends number | boolean>(setting: Setting<Value>): Value {
  const { value } = entriesOf(setting).at(-1) ?? { value: [] };
  return isGradient(value) ? (value[0] as Value) : value;
}

/** Every number or truth value in a setting. */
export const valuesOf = <Value extends number | boolean>(setting: Setting<Value>): Value[] =>
  entriesOf(setting).flatMap(({ value }) => (isGradient(value) ? (value as Value[]) : [value]));

/**
 * The value for one tensor.
 * @param position where its layer stands in the stretch, 0 (first) to 1 (last).
 */
export function settingAt<Value extends number | boolean>(
  setting: Setting<Value>,
  name: string,
  position: number,
): Value {
  if (isPlain(setting)) return setting;
  const entry = entriesOf(setting).find(({ filter }) => filter === undefined || name.includes(filter));
  // A setting of a merge set fits every name.
  const value = entry?.value ?? plainValue(setting);
  return isGradient(value) ? (gradientAt(value, position) as Value) : value;
}

/** mergekit's interpolation: linear between the values, which stand evenly over the layers. */
function gradientAt(values: readonly number[], position: number): number {
  const scaled = position * (values.length - 1);
  const before = Math.floor(scaled);
  const after = Math.min(values.length - 1, before + 1);
  const share = scaled - before;
  return (1 - share) * values[before] + share * values[after];
}

/** A setting on one line: `0.5`, `0 → 0.5 → 1` over the layers, `mlp: 0.5, else 1`. */
export function settingText(setting: Setting | Setting<boolean>): string {
  const entries = entriesOf<number | boolean>(setting);
  return entries
    .map(({ filter, value }) => {
      const text = isGradient(value) ? value.join(" → ") : String(value);
      return filter === undefined ? (entries.length > 1 ? `else ${text}` : text) : `${filter}: ${text}`;
    })
    .join(", ");
}
