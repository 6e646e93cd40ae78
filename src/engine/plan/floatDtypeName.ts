/** Names of the float dtypes as people write them: ours, PyTorch's and the short ones. */
import { FLOAT_DTYPES } from "../../protocol/mergeSet";
import type { FloatDtype } from "../../protocol/mergeSet";

/** The name in recipes, which mergekit and PyTorch share. */
export const RECIPE_DTYPES: Readonly<Record<FloatDtype, string>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F8_E4M3: "float8_e4m3fn",
  F8_E5M2: "float8_e5m2",
};

const SHORT_NAMES: Readonly<Record<string, FloatDtype>> = { fp64: "F64", fp32: "F32", fp16: "F16" };

/** The dtype that `name` means, in any case, with or without `torch.`; undefined for every other word. */
export function floatDtypeNamed(name: string): FloatDtype | undefined {
  const word = name.toLowerCase().replace(/^torch\./, "");
  return (
    FLOAT_DTYPES.find((dtype) => dtype.toLowerCase() === word || RECIPE_DTYPES[dtype] === word) ??
    (Object.hasOwn(SHORT_NAMES, word) ? SHORT_NAMES[word] : undefined)
  );
}

/** What to offer where a dtype is not known. */
export const DTYPE_NAMES: readonly string[] = Object.values(RECIPE_DTYPES);
