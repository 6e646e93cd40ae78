/** The files of a merged adapter beside its weights. */
import type { Adapter } from "../format/peft/adapter";
import { JsonObject } from "../format/strictJson";
import type { JsonValue } from "../format/strictJson";

export const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/**
 * `adapter_config.json` of adapters that were merged factor by factor: the first one's, with a scaling of 1, which
 * the factors have taken in.
 */
export function mergedAdapterConfig({ config }: Adapter): string {
  const changes = new Map<string, JsonValue>([["inference_mode", true]]);
  if (config.type === "LORA") {
    const ranks = config.json.get("rank_pattern");
    changes.set("r", config.rank);
    changes.set("lora_alpha", config.rank);
    changes.set("alpha_pattern", ranks instanceof JsonObject ? ranks : new JsonObject());
    changes.set("use_rslora", false);
  }
  const merged = new JsonObject();
  for (const [key, value] of config.json) {
    merged.add(key, changes.get(key) ?? value);
    changes.delete(key);
  }
  for (const [key, value] of changes) merged.add(key, value);
  return `${jsonText(merged, "")}\n`;
}

/** The model that an adapter says it was trained on; empty where it does not. */
export function baseOfAdapter({ config }: Adapter): string {
  const name = config.json.get("base_model_name_or_path");
  return typeof name === "string" ? name : "";
}

function jsonText(value: JsonValue, indent: string): string {
  const inner = `${indent}  `;
  if (value instanceof JsonObject) {
    const members = [...value].map(([key, member]) => `${inner}${JSON.stringify(key)}: ${jsonText(member, inner)}`);
    return members.length > 0 ? `{\n${members.join(",\n")}\n${indent}}` : "{}";
  }
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((item) => inner + jsonText(item, inner)).join(",\n")}\n${indent}]`;
}
