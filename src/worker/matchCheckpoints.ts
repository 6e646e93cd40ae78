/** Holds opened checkpoints against one another: their configs, their tensors, whether they are plain weights at all. */
import type { Checkpoint } from "../engine/format/checkpoint";
import { areAlike } from "../engine/format/likeTensors";
import type { ModelConfig } from "../engine/format/modelConfig";
import { findQuantization } from "../engine/format/quantization";
import { globFilter } from "../engine/plan/globFilter";
import { matchTensors, type MatchedTensor } from "../engine/plan/matchTensors";
import { readModelConfig } from "../io/readModelConfig";
import { sameBytes } from "../io/sameBytes";
import { MergeError } from "../protocol/errors";
import type { MergeSet } from "../protocol/mergeSet";

export interface MatchedSet {
  tensors: MatchedTensor[];
  /** What was done about checkpoints that are not quite alike, in a sentence each. */
  notes: string[];
}

/** Throws `quantized`, and what `matchTensors` throws. */
export function matchCheckpoints(set: MergeSet, base: Checkpoint | null, models: readonly Checkpoint[]): MatchedSet {
  const isUsed = globFilter(set.include, set.exclude);
  const plain: Checkpoint[] = [];
  const configOf = (checkpoint: Checkpoint): ModelConfig | null => {
    const config = readModelConfig(checkpoint);
    // The names of one are those of all that have its headers.
    const isKnown = plain.some((other) => areAlike(other, checkpoint));
    const found = findQuantization(isKnown ? new Map() : checkpoint.tensors, config, isUsed);
    if (found) throw new MergeError("quantized", { where: checkpoint.path, ...found });
    if (!isKnown) plain.push(checkpoint);
    return config;
  };
  const notes: string[] = [];
  const configs = { base: base && configOf(base), models: models.map(configOf) };
  const onNote = (note: string): void => void notes.push(note);
  return { tensors: matchTensors(set, base, models, { configs, sameBytes, onNote }), notes };
}
