/**
 * Quantized checkpoints: their tensors are codes and scales, and to merge those as if they were weights would give a
 * model of noise. They are found by what the config says, or by the names of the tensors.
 */
import { isFloat } from "./dtypes";
import type { TensorSpec } from "./tensorEntry";
import type { ModelConfig } from "./modelConfig";

/** Names that no plain checkpoint has: what each program stores beside or in place of a weight. */
const PACKED_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\.(?:qweight|qzeros)$/, "GPTQ or AWQ"],
  [/\.weight\.(?:absmax|nested_absmax|quant_map|nested_quant_map|quant_state\..*)$/, "bitsandbytes, 4 bits"],
  [/\.(?:SCB|weight_format)$/, "bitsandbytes, 8 bits"],
  [/\.weight_(?:packed|zero_point|scale_2|global_scale)$/, "compressed-tensors"],
  [/\.(?:weight\._(?:data|scale|scale_and_zero|shift)|W_q)$/, "quanto or HQQ"],
  [/(?:^|\.)scaled_fp8$/, "scaled F8"],
];

/**
 * Scales, which mean something only beside codes of fewer bits: the name of those, without or with `.weight`, and what
 * is put behind it. Scales of inputs stand beside plain weights too.
 */
const SCALE_NAMES = /^(.+?)(?:[._](?:weight_|w)?scales?(?:_inv)?|\.scale_weight)$/;
/** One scale for each block of a packed tensor, as for the experts of gpt-oss (MXFP4). */
const BLOCK_SCALES = /_scales$/;

export interface Quantization {
  method: string;
  /** The tensor or file that tells. */
  evidence: string;
}

/** How a checkpoint is quantized; null where it is not. `isUsed`: the tensors that a merge would merge. */
export function findQuantization(
  tensors: ReadonlyMap<string, TensorSpec>,
  config: ModelConfig | null,
  isUsed: (name: string) => boolean,
): Quantization | null {
  for (const name of tensors.keys()) {
    const method = isUsed(name) ? methodOfName(name, tensors) : undefined;
    if (method !== undefined) return { method, evidence: name };
  }
  return config?.quantization === undefined
    ? null
    : { method: config.quantization, evidence: "quantization_config in config.json" };
}

function methodOfName(name: string, tensors: ReadonlyMap<string, TensorSpec>): string | undefined {
  // None of the names above ends as those of plain weights do, which nearly all are.
  if (name.endsWith(".weight") || name.endsWith(".bias")) return undefined;
  const known = PACKED_NAMES.find(([pattern]) => pattern.test(name));
  if (known) return known[1];
  const scaled = SCALE_NAMES.exec(name)?.[1];
  if (scaled !== undefined) {
    const dtype = (tensors.get(`${scaled}.weight`) ?? tensors.get(scaled))?.dtype;
    if (dtype !== undefined && isSmall(dtype)) return `${dtype} with scales`;
  }
  const blocks = BLOCK_SCALES.test(name) ? tensors.get(name.replace(BLOCK_SCALES, "_blocks")) : undefined;
  return blocks && !isFloat(blocks.dtype) ? "MXFP4" : undefined;
}

/** Dtypes that codes are stored in. */
const isSmall = (dtype: string): boolean => dtype.startsWith("F8_") || /^[UI](?:8|16|32)$/.test(dtype);
