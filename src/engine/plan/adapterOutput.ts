/** The files of a merged adapter beside its weights. */
import type { Adapter } from "../format/peft/adapter";
import { member } from "../format/strictJson";
import type { JsonValue } from "../format/strictJson";

export const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/**
 * `adapter_config.json` of adapters that were merged factor by factor: the first one's, with a scaling of 1, which
 * the factors have taken in.
 */
export function mergedAdapterConfig({ config }: Adapter): string {
  const changes: Record<string, JsonValue> = { inference_mode: true };
  if (config.type === "LORA") {
    const ranks = member(config.json, "rank_pattern") ?? null;
    const scales = { r: config.rank, lora_alpha: config.rank, alpha_pattern: ranks ?? {}, use_rslora: false };
    Object.assign(changes, scales);
  }
  return `${JSON.stringify({ ...config.json, ...changes }, null, 2)}\n`;
}

/** The model that an adapter says it was trained on; empty where it does not. */
export function baseOfAdapter({ config }: Adapter): string {
  const name = member(config.json, "base_model_name_or_path");
  return typeof name === "string" ? name : "";
}
