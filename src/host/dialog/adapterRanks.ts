/** The ranks of LoRA adapters, as their configs say. */
import type { LoraConfig } from "../../engine/format/peft/adapterConfig";
import { readAdapterConfig } from "../../io/readAdapterConfig";

export interface AdapterRanks {
  /** Of any module of any adapter. */
  largest: number;
  /** Of the largest of each adapter: what all changes together need at most. */
  sum: number;
  /** Whether they may be merged factor by factor. */
  equal: boolean;
}

/** Null where one is no LoRA adapter, or cannot be read: the merge will say why. */
export function adapterRanks(folders: readonly string[]): AdapterRanks | null {
  const configs = folders.map(loraConfig);
  const known = configs.filter((config) => config !== null);
  if (known.length < configs.length || known.length === 0) return null;
  const largest = known.map(({ rank, rankPattern }) => Math.max(rank, ...rankPattern.map(({ value }) => value)));
  const said = known.map(({ rank, json }) => JSON.stringify([rank, json["rank_pattern"] ?? {}]));
  return {
    largest: Math.max(...largest),
    sum: largest.reduce((all, rank) => all + rank, 0),
    equal: new Set(said).size === 1,
  };
}

function loraConfig(folder: string): LoraConfig | null {
  try {
    const config = readAdapterConfig(folder);
    return config.type === "LORA" ? config : null;
  } catch {
    return null;
  }
}
