import type { ChunkReader } from "../kernels/chunkReader";
import type { Kernels } from "../kernels/kernels";
import type { NonFinite, NonFinitePolicy, RawChunk } from "../kernels/rawChunk";
import type { ListWindow, NarrowWindow } from "./magnitudeWindow";
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

/**
 * Trim rules of every model for one tensor, read through `reader` as often as it takes.
 * @param guesses windows in which the thresholds probably lie, or null.
 * @param onChunk called for every chunk gone through.
 */
export function selectTensor(
  kernels: Kernels,
  reader: ChunkReader,
  { elements, wide }: { elements: number; wide: boolean },
  densities: readonly number[],
  ties: "inclusive" | "exact",
  policy: NonFinitePolicy,
  guesses: readonly (NarrowWindow | ListWindow)[] | null,
  onChunk: (chunk: RawChunk) => void,
): TrimRule[] {
  if (elements === 0) return densities.map(() => KEEP_ALL);
  if (elements <= SMALL_TENSOR_ELEMENTS) {
    const chunk = reader.chunk(0, elements);
    const rules = selectSmallTensor(chunk, densities, ties, policy);
    if (!Array.isArray(rules)) throw new NonFiniteInput(rules, 0);
    onChunk(chunk);
    return rules;
  }
  const selections = densities.map((density, t) => new Selection(elements, density, ties, wide, guesses?.[t]));
  for (;;) {
    const windows = selections.map((selection) => selection.nextWindow());
    if (windows.every((window) => window === null)) break;
    const counts = windows.map((window, t) => window && kernels.emptyCounts(t, window));
    reader.forEachChunk(0, elements, (chunk) => {
      const bad = kernels.countMagnitudes(chunk, windows, policy, counts);
      if (bad) throw new NonFiniteInput(bad, chunk.start);
      onChunk(chunk);
    });
    selections.forEach((selection, t) => counts[t] && selection.take(counts[t], kernels.largest));
  }
  return selections.map((selection, model) => {
    const place = selection.tiesToPlace();
    return selection.rule(place ? endOfTies(kernels, reader, elements, model, place) : undefined);
  });
}

/** Index behind the last entry that stays of those equal to the threshold. */
function endOfTies(
  kernels: Kernels,
  reader: ChunkReader,
  elements: number,
  model: number,
  { threshold, keep }: { threshold: number; keep: number },
): number {
  let left = keep;
  for (let start = 0; start < elements; start += reader.chunkElements) {
    const chunk = reader.chunk(start, Math.min(reader.chunkElements, elements - start));
    const equal = kernels.countEqual(chunk, model, threshold);
    if (equal >= left) return start + kernels.endOfEqual(chunk, model, threshold, left);
    left -= equal;
  }
  return -1;
}
