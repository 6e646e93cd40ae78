/** Whether models have one architecture: by their configs, or by how many of their tensors agree. */
import { MergeError } from "../../protocol/errors";
import type { ModelConfig } from "../format/modelConfig";
import type { ModelMatch } from "./matchModel";
import { MAX_NAMED_MISMATCHES } from "./mismatches";

/** `model_type is qwen2, not llama`; empty where nothing differs or is not known. */
export function configDifferences(model: ModelConfig | null, base: ModelConfig | null): string[] {
  if (!model || !base) return [];
  return [...model.architecture].flatMap(([key, theirs]) => {
    const ours = base.architecture.get(key);
    return ours === undefined || ours === theirs ? [] : [`${key} is ${theirs}, not ${ours}`];
  });
}

/**
 * Throws `architecture-differs` in place of a list of hundreds of tensors: where configs differ and tensors do not
 * match, or most of the tensors are others.
 */
export function checkArchitecture(
  { mismatches, total, fitting }: ModelMatch,
  differences: readonly string[],
  names: { model: string; base: string; where: string },
): void {
  const most = 2 * fitting < total && total - fitting > MAX_NAMED_MISMATCHES;
  const nothingFits = fitting === 0 && total > 0 && mismatches.length === 0;
  const saysSo = differences.length > 0 && mismatches.some(({ kind }) => kind !== "rows");
  if (!most && !nothingFits && !saysSo) return;
  const [first] = mismatches;
  const counted = `${fitting} of ${total} tensors have the same name and shape`;
  const found = differences.length > 0 ? differences : [counted, ...(first ? [first.text] : [])];
  throw new MergeError("architecture-differs", { ...names, list: found.join("; ") });
}
