/**
 * Where a tensor stands in a network, told from its name alone: in which layer, and what kind of module it is.
 * Knows the names of the common architectures; any other name still gets a layer (by its numbers) and a kind (its own).
 */

/** Kinds in the order in which a forward pass meets them; columns of the model map follow it. */
export const MODULE_KINDS = [
  "embed",
  "position",
  "conv",
  "conv 1",
  "conv 2",
  "conv 3",
  "conv 4",
  "downsample",
  "q",
  "k",
  "v",
  "kv",
  "qkv",
  "o",
  "cross q",
  "cross k",
  "cross v",
  "cross kv",
  "cross qkv",
  "cross o",
  "router",
  "gate",
  "up",
  "gate+up",
  "down",
  "shared gate",
  "shared up",
  "shared down",
  "norm",
  "bias",
  "head",
] as const;

export interface ModulePlace {
  /** The name up to and including the layer's number, such as `model.layers.3`; `` outside any layer. */
  layer: string;
  /** One of MODULE_KINDS, such a kind with the part of an adapter (`q A`), or the module's own name. */
  kind: string;
}

/** Containers whose numbers may follow one another: `stages.0.layers.1`, `down_blocks.0.resnets.1`. */
const NESTED = /^(?:\w*blocks|layers|resnets|attentions)$/i;
/** Containers whose numbers count the steps of a head or a stem, not layers. */
const NOT_LAYERS = /^(?:classifier|head|fc|score|pooler|cls|downsample|shortcut|projector|mm_projector|experts)$/i;
/** `layer_3`, as in names from TensorFlow. */
const NUMBERED = /^(?:layer|block|h|group)_\d+$/i;
const NUMBER = /^\d+$/;
/** Adapters that write their path with underscores: `lora_te_text_model_encoder_layers_0_self_attn_q_proj`. */
const FLATTENED = /_(layers|blocks|resnets|attentions|block)_(\d+)(?=_)/g;
const PARAMETER =
  /^(?:weight|bias|weight_[gv]|gamma|beta|running_mean|running_var|num_batches_tracked|kernel|default|base_layer)$/i;

export function modulePlace(name: string): ModulePlace {
  const segments = name.split(/[./]/);
  if (segments[0]?.startsWith("lora_")) segments.splice(0, 1, ...unflatten(segments[0]));
  const end = layerEnd(segments);
  return { layer: segments.slice(0, end).join("."), kind: kindOf(segments.slice(end), end > 0) };
}

const unflatten = (segment: string): string[] => segment.replace(FLATTENED, ".$1.$2.").replaceAll("._", ".").split(".");

/** How many segments belong to the layer's name; 0 outside any layer. */
function layerEnd(segments: readonly string[]): number {
  const isNumber = (at: number): boolean => NUMBER.test(segments[at] ?? "");
  const first = segments.findIndex(
    (segment, at) =>
      at < segments.length - 1 &&
      (NUMBERED.test(segment) || (NUMBER.test(segment) && !NOT_LAYERS.test(segments[at - 1] ?? ""))),
  );
  if (first < 0 || segments.slice(0, first).some((segment) => NOT_LAYERS.test(segment))) return 0;
  let end = first + 1;
  while (NESTED.test(segments[end] ?? "") && isNumber(end + 1) && end + 2 < segments.length) end += 2;
  return end;
}

/** Layers are made alike: what is found for one holds for all. */
const kinds = new Map<string, string>();
const MOST_KINDS = 10_000;

function kindOf(segments: readonly string[], inLayer: boolean): string {
  const key = `${inLayer ? "layer" : ""} ${segments.join(".")}`;
  const known = kinds.get(key);
  if (known !== undefined) return known;
  if (kinds.size >= MOST_KINDS) kinds.clear();
  const kind = newKindOf(segments, inLayer);
  kinds.set(key, kind);
  return kind;
}

/** The adapter's part of a module (`q A`), or the module itself. */
function newKindOf(segments: readonly string[], inLayer: boolean): string {
  const path = segments.map((segment) => segment.toLowerCase());
  const at = path.findIndex((segment) => /^(?:lora_|ia3_|alpha$|dora_scale$)/.test(segment));
  if (at < 0) return plainKind(segments, inLayer);
  const part = ADAPTER_PARTS[path[at] ?? ""] ?? (path[at] ?? "").replace(/^lora_(?:embedding_)?/, "");
  const kind = plainKind(segments.slice(0, at), inLayer);
  return part === "" ? kind : `${kind} ${part}`;
}

const ADAPTER_PARTS: Readonly<Record<string, string>> = {
  lora_a: "A",
  lora_b: "B",
  lora_embedding_a: "A",
  lora_embedding_b: "B",
  lora_down: "A",
  lora_up: "B",
  ia3_l: "(IA)³",
  lora_magnitude_vector: "magnitude",
};

function plainKind(segments: readonly string[], inLayer: boolean): string {
  const parameter = (segments.at(-1) ?? "").toLowerCase();
  const module = [...segments];
  while (module.length > 0 && PARAMETER.test(module.at(-1) ?? "")) module.pop();
  const path = module.join(".").toLowerCase();
  const last = (module.at(-1) ?? "").toLowerCase();
  if (isNorm(last) || /^(?:running_|num_batches)/.test(parameter)) return "norm";
  if (isPosition(last)) return "position";
  if (!inLayer) {
    const outer = outerKind(path, last);
    if (outer !== null) return outer;
  }
  if (parameter === "bias" || parameter === "in_proj_bias") return "bias";
  return convolution(module) ?? attention(path, last) ?? feedForward(path, last) ?? ownName(module, parameter);
}

const isNorm = (last: string): boolean => /norm/.test(last) || /^(?:ln(?:_\w+|\d*)|bn\d*|gn\d*)$/.test(last);
const isPosition = (last: string): boolean =>
  /^(?:wpe|pos_?(?:embed|emb|ition_embeddings?|itional_embedding|itional_encoding)\w*|embed_positions|relative_\w*bias\w*|rel_pos\w*)$/.test(
    last,
  );

/** What stands before the first layer and after the last. */
function outerKind(path: string, last: string): string | null {
  if (last === "embed_out") return "head";
  if (/embed|patch/.test(path) || /^(?:wte|shared|\w+_token)$/.test(last)) return "embed";
  if (/(?:^|\.)(?:classifier|score|pooler|cls|qa_outputs)(?:$|\.)/.test(path)) return "head";
  if (/(?:^|\.)(?:\w+_head|heads?)(?:$|\.)/.test(path) || /^(?:fc|output|proj|\w+_projection)$/.test(last))
    return "head";
  return null;
}

function convolution(module: readonly string[]): string | null {
  const lower = module.map((segment) => segment.toLowerCase());
  const last = lower.at(-1) ?? "";
  if (lower.some((segment) => /^(?:downsample|shortcut|conv_shortcut)$/.test(segment))) return "downsample";
  const numbered = /^conv_?(\d*)$/.exec(last)?.[1];
  if (numbered !== undefined) return numbered === "" ? "conv" : `conv ${numbered}`;
  if (last !== "convolution") return null;
  const before = lower.at(-2) ?? "";
  return NUMBER.test(before) ? `conv ${Number(before) + 1}` : "conv";
}

const ATTENTION: readonly (readonly [kind: string, last: RegExp])[] = [
  ["qkv", /^(?:c_attn|qkv|qkv_proj|query_key_value|in_proj|in_proj_weight|wqkv|to_qkv|w_pack|att_proj)$/],
  ["kv", /^(?:kv|kv_proj|to_kv|key_value)$/],
  ["q", /^(?:q|q_proj|query|query_proj|wq|to_q|q_lin|q_proj_weight)$/],
  ["k", /^(?:k|k_proj|key|key_proj|wk|to_k|k_lin|k_proj_weight)$/],
  ["v", /^(?:v|v_proj|value|value_proj|wv|to_v|v_lin|v_proj_weight)$/],
  ["o", /^(?:o|o_proj|out_proj|wo|to_out|out_lin|proj|c_proj|dense|attn_out)$/],
];

function attention(path: string, last: string): string | null {
  const inside = /att(?:n|ention)/.test(path);
  // `to_out.0`: the number counts the steps of the projection.
  const module = NUMBER.test(last) && path.endsWith(`to_out.${last}`) ? "to_out" : last;
  const kind = ATTENTION.find(([, pattern]) => pattern.test(module))?.[0];
  if (kind === undefined || (!inside && (kind === "o" || module.length === 1 || module === "in_proj"))) return null;
  return /encdecatt|crossatt|cross_att|encoder_attn|attn2/.test(path) ? `cross ${kind}` : kind;
}

const FEED_FORWARD: readonly (readonly [kind: string, path: RegExp])[] = [
  ["router", /(?:^|\.)(?:router(?:\.\w+)*|gate)$/],
  ["gate+up", /(?:gate_up_proj|wi_fused)$/],
  ["gate", /(?:gate_proj|wi_0|w_gate|(?:feed_forward|mlp|ffn|experts\.\d+)\.w1)$/],
  ["up", /(?:up_proj|wi_1|(?:^|\.)wi|c_fc|dense_h_to_4h|intermediate\.dense|fc_?in|(?:^|\.)(?:fc1|lin1|linear1))$/],
  ["up", /(?:feed_forward|mlp|ffn|experts\.\d+)\.w3$/],
  ["down", /(?:down_proj|dense_4h_to_h|output\.dense|fc_?out|(?:^|\.)(?:fc2|lin2|linear2|wo))$/],
  ["down", /(?:(?:feed_forward|mlp|ffn|experts\.\d+)\.w2|mlp\.c_proj)$/],
  // Flattened adapters keep one segment for the whole path.
  ["q", /_q_proj$|_to_q$/],
  ["k", /_k_proj$|_to_k$/],
  ["v", /_v_proj$|_to_v$/],
  ["o", /_out_proj$|_o_proj$|_to_out_0$/],
  ["up", /_fc1$/],
  ["down", /_fc2$/],
];

function feedForward(path: string, last: string): string | null {
  const kind = FEED_FORWARD.find(([, pattern]) => pattern.test(path))?.[0] ?? null;
  if (kind === null || last === "") return null;
  return /shared_expert/.test(path) && ["gate", "up", "down"].includes(kind) ? `shared ${kind}` : kind;
}

/** The module's path inside its layer; experts of one layer share a name. */
function ownName(module: readonly string[], parameter: string): string {
  const path = module.join(".").replace(/experts\.\d+\./, "experts.");
  const name = path.replace(/_proj$/, "");
  return name === "" ? parameter || "weight" : name;
}
