import type { ChunkReader } from "../kernels/chunkReader";
import { forEachChunk } from "../kernels/chunkReader";
import type { Kernels } from "../kernels/kernels";
import type { NonFinite, NonFinitePolicy } from "../kernels/rawChunk";
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

/** Trim rules of every model for one tensor, read through `reader` as often as it takes. */
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
  return densities.map((density, model) => {
    const selection = new Selection(elements, density, ties, wide);
    for (let digit = selection.nextDigit(); digit; digit = selection.nextDigit()) {
      const counts = kernels.emptyHistogram(model);
      const current = digit;
      forEachChunk(0, elements, (start, count) => {
        const bad = kernels.countMagnitudes(reader.chunk(start, count), model, current, policy, counts);
        if (bad) throw new NonFiniteInput(bad, start);
        betweenChunks();
      });
      selection.take(counts);
    }
    const place = selection.tiesToPlace();
    if (!place) return selection.rule();
    let left = place.keep;
    let tieEnd = -1;
    forEachChunk(0, elements, (start, count) => {
      if (tieEnd >= 0) return;
      const chunk = reader.chunk(start, count);
      const equal = kernels.countEqual(chunk, model, place.threshold);
      if (equal < left) left -= equal;
      else tieEnd = start + kernels.endOfEqual(chunk, model, place.threshold, left);
    });
    return selection.rule(tieEnd);
  });
}
