/** The files of a merged adapter beside its weights. */
import type { Adapter } from "../format/peft/adapter";
import { member } from "../format/strictJson";
import type { JsonObject, JsonValue } from "../format/strictJson";

export const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/** What an adapter that comes out is. */
export interface AdapterOutput {
  /** `adapter_config.json`; its scaling is 1, which the factors have taken in. */
  config: string;
  /** The model that the first adapter says it was trained on; empty where it does not. */
  base: string;
}

/** Of adapters that were merged factor by factor: the first one's config. */
export function factorwiseOutput(adapter: Adapter): AdapterOutput {
  const { config } = adapter;
  if (config.type === "IA3") return outputOf(adapter, {});
  const ranks = member(config.json, "rank_pattern") ?? {};
  return outputOf(adapter, { ...scalingOfOne(config.rank), alpha_pattern: ranks });
}

/** Of adapters whose ranks, or modules, are not those of the first: `ranks` has them all by module. */
export function rankedOutput(adapters: readonly Adapter[], ranks: ReadonlyMap<string, number>): AdapterOutput {
  const rank = mostFrequent([...ranks.values()]);
  const pattern = rankPattern(ranks, rank);
  return outputOf(adapters[0], {
    ...scalingOfOne(rank),
    rank_pattern: pattern,
    alpha_pattern: pattern,
    ...targets(adapters, ranks),
  });
}

function outputOf({ config }: Adapter, changes: Record<string, JsonValue>): AdapterOutput {
  const base = member(config.json, "base_model_name_or_path");
  return {
    config: `${JSON.stringify({ ...config.json, inference_mode: true, ...changes }, null, 2)}\n`,
    base: typeof base === "string" ? base : "",
  };
}

const scalingOfOne = (rank: number): JsonObject => ({ r: rank, lora_alpha: rank, use_rslora: false });

/** The keys that say which modules an adapter changes. */
const TARGET_KEYS = ["target_modules", "exclude_modules", "layers_to_transform", "layers_pattern"];

/** Which modules the adapter changes: what all configs say or, where they differ, every module by its whole name. */
function targets(adapters: readonly Adapter[], ranks: ReadonlyMap<string, number>): JsonObject {
  const said = adapters.map(({ config }) => JSON.stringify(TARGET_KEYS.map((key) => sorted(member(config.json, key)))));
  if (new Set(said).size === 1) return {};
  const none = Object.fromEntries(TARGET_KEYS.map((key) => [key, null]));
  return { ...none, target_modules: [...ranks.keys()].sort() };
}

/** Lists of modules are sets. */
const sorted = (value: JsonValue | undefined): JsonValue =>
  Array.isArray(value) ? value.map((entry) => JSON.stringify(entry)).sort() : (value ?? null);

/**
 * The ranks that are not `rank`, by module. PEFT takes the first key that is a module's name or ends it: longer names
 * stand first, and one that would be taken for another's is named too.
 */
function rankPattern(ranks: ReadonlyMap<string, number>, rank: number): JsonObject {
  const others = [...ranks.keys()].filter((module) => ranks.get(module) !== rank);
  const isTaken = (module: string): boolean => others.some((other) => module === other || module.endsWith(`.${other}`));
  const named = [...ranks].filter(([module]) => isTaken(module));
  return Object.fromEntries(named.sort(([a], [b]) => b.length - a.length));
}

/** The smaller one where two are as frequent. */
function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [[value] = [1]] = [...counts].sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b);
  return value;
}
