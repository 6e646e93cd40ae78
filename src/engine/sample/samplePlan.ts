/** Which entries of a merge set are sampled: blocks spread over every tensor, the same at every run. */
import { inputBytesPerElement } from "../plan/workPlan";
import type { MatchedTensor } from "../plan/matchTensors";
import { entriesHeld, entriesRead, rankedRows, type RankedRows } from "./rankedRows";
import { hash, seeded } from "./seeded";

/**
 * Parts of a sample that are samples themselves, spread over every tensor: how much their figures differ tells how far
 * those of the whole sample may be off, whatever lies together being alike.
 */
export const REPLICATES = 8;
/** Entries of a sample at most: settings are changed and all figures follow within a tenth of a second. */
export const MAX_SAMPLE_ENTRIES = 1 << 19;
/** Entries of any sample at most: what can be sorted in one go. */
export const MOST_ENTRIES = 2 ** 22;
/** Share of the files that a sample of a large set reads at most. */
const LARGEST_SHARE = 0.018;
/** Below this many entries the share does not matter: a quarter of a million is read in no time. */
const FEW_ENTRIES = 1 << 18;
/** Tensors up to this size are read whole, as long as they take no more than a quarter of the sample. */
const SMALL_TENSOR = 1 << 12;
/** Entries that are read together, in large tensors. */
const BLOCK = 1 << 7;
const SMALLEST_BLOCK = 1 << 3;
/**
 * Of one replicate in one tensor, unless its blocks would be too small to be worth reading. More and smaller ones would
 * tell more of a tensor's rows and columns, but from a disk each of them takes as long as a block of a page does.
 */
const BLOCKS = 3;

export interface SampledTensor {
  /** Index among the matched tensors. */
  tensor: number;
  /** Every entry is in the sample. */
  whole: boolean;
  entries: number;
  /** Small enough to be read from end to end, whatever is taken of it. */
  atOnce: boolean;
  /**
   * In the order in which they are held: those of the first replicate, from the tensor's first to its last, then
   * those of the second. Of a whole tensor one, which is cut into replicates.
   */
  blocks: { start: number; count: number }[];
  /** Where its entries are ranked in their rows, unless it is whole: what is read around the blocks. */
  rows?: RankedRows;
}

export interface SamplePlan {
  tensors: SampledTensor[];
  entries: number;
  elements: number;
  /** Of base and models together: to be read, and in all. */
  bytesRead: number;
  bytes: number;
}

/** Entries of rows that are read at most, so that a part of them can be held with its ranks: ranked in half a second. */
const MOST_RANKED = 1 << 21;

/** What the sample of an inspector reads that answers at once. */
const interactiveEntries = (total: number, most: number): number =>
  Math.min(most, Math.max(FEW_ENTRIES, Math.floor(total * LARGEST_SHARE)));

/**
 * @param mostEntries what there is memory for.
 * @param share of all entries, above 0 and at most 1; null: as many as an inspector can look at many times a second.
 * @param ranks whether entries are ranked in their rows.
 */
export function planSample(
  tensors: readonly MatchedTensor[],
  mostEntries: number,
  share: number | null = null,
  ranks = false,
): SamplePlan {
  const merged = tensors.flatMap(({ kind }, index) => (kind === "merge" ? [index] : []));
  const total = merged.reduce((sum, index) => sum + tensors[index].elements, 0);
  const limit = Math.min(
    mostEntries,
    MOST_ENTRIES,
    share === null ? interactiveEntries(total, MAX_SAMPLE_ENTRIES) : Math.ceil(share * total),
  );
  const limitRead = Math.max(limit, share === null ? interactiveEntries(total, MOST_RANKED) : 0);
  const small =
    total <= limit
      ? Infinity
      : smallTensor(
          merged.map((index) => tensors[index].elements),
          limit,
        );
  const large = merged.filter((index) => tensors[index].elements > small);
  const wholes = merged.reduce(
    (sum, index) => sum + (tensors[index].elements <= small ? tensors[index].elements : 0),
    0,
  );
  // Half of it by size, for the whole model's figures; half of it to each alike, for the map's.
  const shareOf = (elements: number, rest: number): number =>
    (rest * (elements / Math.max(1, total - wholes) + 1 / large.length)) / 2;
  const planned = merged.map((index): SampledTensor => {
    const { name, shape, elements } = tensors[index];
    if (elements <= small)
      return { tensor: index, whole: true, entries: elements, atOnce: false, blocks: [{ start: 0, count: elements }] };
    const held = Math.min(shareOf(elements, limit - wholes), elements / 2);
    if (!ranks) return spread(index, name, elements, held);
    const read = Math.min(shareOf(elements, limitRead - wholes), elements);
    const rows = rankedRows({ name, shape, elements }, { held, read }, REPLICATES);
    const blocks = rows.pieces.map(({ block }) => ({ start: block, count: rows.held }));
    return { tensor: index, whole: false, entries: entriesHeld(rows), atOnce: false, blocks, rows };
  });
  const bytesOf = (index: number, count: number): number => count * inputBytesPerElement(tensors[index]);
  return {
    tensors: planned,
    entries: planned.reduce((sum, { entries }) => sum + entries, 0),
    elements: total,
    bytesRead: planned.reduce((sum, { tensor, entries, atOnce, rows }) => {
      const read = rows ? entriesRead(rows) : atOnce ? tensors[tensor].elements : entries;
      return sum + bytesOf(tensor, read);
    }, 0),
    bytes: tensors.reduce((sum, { elements }, index) => sum + bytesOf(index, elements), 0),
  };
}

/** Up to which size tensors are read whole. */
function smallTensor(sizes: readonly number[], limit: number): number {
  for (let size = SMALL_TENSOR; size >= 1; size /= 2) {
    if (sizes.reduce((sum, elements) => sum + (elements <= size ? elements : 0), 0) <= limit / 4) return size;
  }
  return 0;
}

/** Blocks at places drawn one in each of equal stretches: evenly spread, and in step with no row length. */
function spread(tensor: number, name: string, elements: number, wanted: number): SampledTensor {
  const affordable = Math.floor(wanted / (BLOCKS * REPLICATES * SMALLEST_BLOCK)) * SMALLEST_BLOCK;
  const block = Math.min(BLOCK, Math.max(SMALLEST_BLOCK, affordable), elements);
  const perReplicate = Math.max(1, Math.floor(wanted / block / REPLICATES));
  const number = perReplicate * REPLICATES;
  const random = seeded(hash(name));
  const starts = Array.from({ length: number }, (_, i) =>
    Math.min(elements - block, Math.floor(((i + random()) / number) * elements)),
  );
  const blocks = Array.from({ length: number }, (_, at) => {
    const replicate = Math.floor(at / perReplicate);
    return { start: starts[(at % perReplicate) * REPLICATES + replicate], count: block };
  });
  return { tensor, whole: false, entries: number * block, atOnce: elements <= SMALL_TENSOR, blocks };
}

/**
 * Memory of one entry of the sample, at most: as it stands in the files, by tensor and by place, and, a model, its
 * magnitude, and that in the orders for one threshold a model and for one a tensor, each in the whole sample and in its
 * replicate; where masks are drawn or selected, a model, its change and its rank, and for two choices of models its
 * variance, and that in the orders.
 */
export const heldBytesPerEntry = (models: number, isMasked: boolean): number =>
  2 * 8 * (models + 1) + 4 * 16 * models + (isMasked ? 2 * 4 * models + 2 * 4 * 5 : 0);
