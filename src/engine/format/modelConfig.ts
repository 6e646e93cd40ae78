/** What a model's config.json says that a merge must know: its architecture, tied weights, quantization. */

/** Larger is no config. */
export const MAX_CONFIG_BYTES = 10_000_000;

export interface ModelConfig {
  /** What must be equal in models that are merged, by the key under which it stands, as text. */
  architecture: Map<string, string>;
  /** Whether head and embedding are one tensor; undefined where it does not say. */
  tied: boolean | undefined;
  /** The method by which the weights are quantized, such as `gptq`; undefined where they are not. */
  quantization: string | undefined;
}

/** Sizes go by several names; those that are there are compared. */
const ARCHITECTURE_KEYS = [
  "model_type",
  "hidden_size",
  "n_embd",
  "d_model",
  "dim",
  "num_hidden_layers",
  "n_layer",
  "n_layers",
  "num_layers",
  "intermediate_size",
  "d_ff",
  "num_attention_heads",
  "num_key_value_heads",
  "num_local_experts",
  "num_experts",
] as const;

/** Reads a config.json; null for a text that is none. Models of several parts describe their language model in `text_config`. */
export function parseModelConfig(text: string): ModelConfig | null {
  const config = parseObject(text);
  if (!config) return null;
  const inner = objectAt(config, "text_config");
  const architecture = new Map<string, string>();
  for (const key of ARCHITECTURE_KEYS) {
    const value = config[key] ?? (key === "model_type" ? undefined : inner?.[key]);
    if (typeof value === "string" || typeof value === "number") architecture.set(key, String(value));
  }
  const tied = config.tie_word_embeddings ?? inner?.tie_word_embeddings;
  return {
    architecture,
    tied: typeof tied === "boolean" ? tied : undefined,
    quantization: quantizationOf(config) ?? (inner && quantizationOf(inner)),
  };
}

/** `quantization_config`, or `compression_config` as older versions of compressed-tensors wrote it. */
function quantizationOf(config: Record<string, unknown>): string | undefined {
  const found = objectAt(config, "quantization_config") ?? objectAt(config, "compression_config");
  if (!found) return undefined;
  const { quant_method: method } = found;
  if (typeof method === "string" && method !== "") return method;
  if (found.load_in_4bit === true || found.load_in_8bit === true) return "bitsandbytes";
  return "unknown";
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const objectAt = (parent: Record<string, unknown>, key: string): Record<string, unknown> | undefined =>
  asObject(parent[key]);

const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
