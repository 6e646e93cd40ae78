/** Selection by sorting, for tensors so small that the histograms of select.ts would cost more than their entries. */
import { decode } from "../format/decode";
import type { NonFinite, NonFinitePolicy, RawChunk, RawInput } from "../kernels/rawChunk";
import { countEqual, endOfEqual } from "./select";
import { taskVector } from "./taskVector";
import { KEEP_ALL, KEEP_NONE, type TrimRule } from "./trim";
import { allocateValues, type Values } from "./values";

/** Up to here sorting a float array takes less time than going through two histograms of 65 536 buckets. */
export const SMALL_TENSOR_ELEMENTS = 2048;

/** Trim rules of every model for a tensor that is one chunk, the same as Selection finds; or where it is not finite. */
export function selectSmallTensor(
  chunk: RawChunk,
  densities: readonly number[],
  ties: "inclusive" | "exact",
  policy: NonFinitePolicy,
): TrimRule[] | NonFinite {
  const { count, wide } = chunk;
  const base = decoded(chunk.base, count, wide);
  const rules: TrimRule[] = [];
  for (const [model, input] of chunk.models.entries()) {
    const values = decoded(input, count, wide);
    if (policy === "error") {
      for (const [owner, checked] of [
        [-1, base],
        [model, values],
      ] as const) {
        const index = checked.findIndex((value) => !Number.isFinite(value));
        if (index >= 0) return { model: owner, index };
      }
    }
    const finite = base.map((value, i) => (Number.isFinite(value) && Number.isFinite(values[i]) ? 1 : 0));
    taskVector(values, base, count, values);
    // `keep-base`: an entry that is not finite somewhere does not move.
    for (let i = 0; i < count; i++) if (finite[i] === 0) values[i] = 0;
    rules.push(ruleOf(values, densities[model], ties));
  }
  return rules;
}

function ruleOf(values: Values, density: number, ties: "inclusive" | "exact"): TrimRule {
  const count = values.length;
  const keep = Math.floor(count * density);
  if (keep >= count) return KEEP_ALL;
  if (ties === "exact" && keep === 0) return KEEP_NONE;
  const ascending = values.map(Math.abs).sort();
  if (ties === "inclusive") return { threshold: ascending[count - keep - 1], tieEnd: Infinity };
  const threshold = ascending[count - keep];
  const equal = countEqual(ascending, count, threshold);
  const above = count - 1 - ascending.lastIndexOf(threshold);
  const stay = keep - above;
  return { threshold, tieEnd: stay === equal ? Infinity : endOfEqual(values, count, threshold, stay) };
}

function decoded(input: RawInput | null, count: number, wide: boolean): Values {
  const values = allocateValues(count, wide);
  if (input) decode(input.dtype, input.bytes, values, count);
  return values;
}
