import type { ChunkReader } from "../kernels/chunkReader";
import { forEachChunk } from "../kernels/chunkReader";
import type { Kernels } from "../kernels/kernels";
import { CHUNK_ELEMENTS, type NonFinite, type NonFinitePolicy } from "../kernels/rawChunk";
import { GUESSED_ELEMENTS, guessWindows, SAMPLE_ELEMENTS, SAMPLE_GROUPS } from "./guessWindows";
import { listOf, type ListWindow } from "./magnitudeWindow";
import { Selection } from "./select";
import { selectSmallTensor, SMALL_TENSOR_ELEMENTS } from "./selectSmallTensor";
import { KEEP_ALL, type TrimRule } from "./trim";

/** An input that is not finite, found while selecting: its entry in the tensor. */
export class NonFiniteInput extends Error {
  constructor(
    readonly at: NonFinite,
    readonly start: number,
  ) {
    super("input is not finite");
  }
}

/** Trim rules of every model for one tensor that `reader` has loaded, with room for a sample of `sampleSize`. */
export function selectTensor(
  kernels: Kernels,
  reader: ChunkReader,
  elements: number,
  wide: boolean,
  densities: readonly number[],
  ties: "inclusive" | "exact",
  policy: NonFinitePolicy,
  betweenChunks: () => void,
): TrimRule[] {
  if (elements === 0) return densities.map(() => KEEP_ALL);
  if (elements <= SMALL_TENSOR_ELEMENTS) {
    const rules = selectSmallTensor(reader.chunk(0, elements), densities, ties, policy);
    if (!Array.isArray(rules)) throw new NonFiniteInput(rules, 0);
    return rules;
  }
  const guesses = guess(kernels, reader, elements, wide, densities, ties);
  const selections = densities.map((density, t) => new Selection(elements, density, ties, wide, guesses?.[t]));
  for (;;) {
    const windows = selections.map((selection) => selection.nextWindow());
    if (windows.every((window) => window === null)) break;
    const counts = windows.map((window, t) => window && kernels.emptyCounts(t, window));
    forEachChunk(0, elements, (start, count) => {
      const bad = kernels.countMagnitudes(reader.chunk(start, count), windows, policy, counts);
      if (bad) throw new NonFiniteInput(bad, start);
      betweenChunks();
    });
    selections.forEach((selection, t) => counts[t] && selection.take(counts[t]));
  }
  return selections.map((selection, model) => {
    const place = selection.tiesToPlace();
    return selection.rule(place ? endOfTies(kernels, reader, elements, model, place) : undefined);
  });
}

/** Windows for a tensor so large that a sample is worth its while. */
function guess(
  kernels: Kernels,
  reader: ChunkReader,
  elements: number,
  wide: boolean,
  densities: readonly number[],
  ties: "inclusive" | "exact",
): ListWindow[] | null {
  if (sampleSize(elements, wide) === 0) return null;
  const groups = reader.sample(SAMPLE_ELEMENTS, SAMPLE_GROUPS).map((chunk) => [chunk]);
  return guessWindows(kernels, groups, elements, densities, ties).map(listOf);
}

/** Entries that `selectTensor` samples of a tensor: what the reader must have room for. */
export const sampleSize = (elements: number, wide: boolean): number =>
  wide || elements < GUESSED_ELEMENTS ? 0 : SAMPLE_ELEMENTS;

/** Index behind the last entry that stays of those equal to the threshold. */
function endOfTies(
  kernels: Kernels,
  reader: ChunkReader,
  elements: number,
  model: number,
  { threshold, keep }: { threshold: number; keep: number },
): number {
  let left = keep;
  for (let start = 0; start < elements; start += CHUNK_ELEMENTS) {
    const chunk = reader.chunk(start, Math.min(CHUNK_ELEMENTS, elements - start));
    const equal = kernels.countEqual(chunk, model, threshold);
    if (equal >= left) return start + kernels.endOfEqual(chunk, model, threshold, left);
    left -= equal;
  }
  return -1;
}
