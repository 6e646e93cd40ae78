/** Which entries are looked at to guess where the thresholds of a unit lie. */
import { GUESSED_ELEMENTS, SAMPLE_GROUPS } from "../merge/guessWindows";
import type { MatchedTensor } from "./matchTensors";
import { inputBytesPerElement, type Segment, type TrimUnit } from "./workPlan";

interface Sample {
  /** Entries, at most; and of a smaller unit, this share. */
  elements: number;
  share: number;
  /** Entries that are read together. */
  block: number;
}

/** Of a tensor that one worker goes through: what lies in the window is listed, and the list has room. */
export const SMALL_SAMPLE: Sample = { elements: 1 << 15, share: 1 / 64, block: 1 << 8 };
/** Of what all workers go through, where candidates are counted in buckets: they must be few. */
export const LARGE_SAMPLE: Sample = { elements: 1 << 20, share: 1 / 16, block: 1 << 10 };

/** What is held of a sample at a time, in bytes. */
const SAMPLE_BYTES = 1 << 23;

/** Whether a guess is worth its sample. */
export const isGuessed = (unit: TrimUnit): boolean => !unit.wide && unit.elements >= GUESSED_ELEMENTS;

/** Blocks of one tensor. */
export interface SamplePart {
  tensor: number;
  stretches: { start: number; count: number }[];
}

/**
 * Blocks at equal distances from all over the unit, in SAMPLE_GROUPS groups: every SAMPLE_GROUPS-th block belongs to
 * the same one. Of a group, blocks of one tensor are together.
 */
export function sampleGroups(tensors: readonly MatchedTensor[], unit: TrimUnit, sample: Sample): SamplePart[][] {
  const groups = Array.from({ length: SAMPLE_GROUPS }, (): SamplePart[] => []);
  sampleBlocks(tensors, unit, sample).forEach(({ tensor, start, count }, at) => {
    const group = groups[at % SAMPLE_GROUPS];
    const last = group.at(-1);
    if (last?.tensor === tensor) last.stretches.push({ start, count });
    else group.push({ tensor, stretches: [{ start, count }] });
  });
  return groups;
}

/** The blocks in the unit's order. */
function sampleBlocks(tensors: readonly MatchedTensor[], unit: TrimUnit, sample: Sample): Segment[] {
  const bytes = Math.max(...unit.tensors.map((tensor) => inputBytesPerElement(tensors[tensor])));
  const wanted = Math.min(sample.elements, unit.elements * sample.share, SAMPLE_BYTES / bytes);
  const number = Math.ceil(wanted / sample.block / SAMPLE_GROUPS) * SAMPLE_GROUPS;
  const blocks: Segment[] = [];
  let begin = 0;
  for (const tensor of unit.tensors) {
    const { elements } = tensors[tensor];
    const end = begin + elements;
    while (blocks.length < number) {
      const position = Math.floor(((blocks.length + 0.5) / number) * unit.elements);
      if (position >= end) break;
      const count = Math.min(sample.block, elements);
      blocks.push({ tensor, start: Math.min(position - begin, elements - count), count });
    }
    begin = end;
  }
  return blocks;
}
