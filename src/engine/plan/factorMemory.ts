/** What the factors of adapters take in a worker's memory. */
import type { Checkpoint } from "../format/checkpoint";
import { matricesOf } from "../format/computedTensor";
import type { ComputedTensor } from "../format/computedTensor";

/** Decoded matrices that one worker keeps: one of every model's tensor under way, as a rule a few megabytes each. */
export const MAX_MATRIX_BYTES = 2 ** 26;

/** Bytes of the matrices that a worker keeps while it reads these checkpoints; one is kept whatever its size. */
export function factorBytes(checkpoints: readonly (Checkpoint | null)[]): number {
  const largest = checkpoints.map((checkpoint) =>
    [...(checkpoint?.tensors.values() ?? [])].reduce((most, { computed }) => Math.max(most, bytesOf(computed)), 0),
  );
  const sum = largest.reduce((all, bytes) => all + bytes, 0);
  return Math.max(Math.min(sum, MAX_MATRIX_BYTES), ...largest);
}

function bytesOf(computed: ComputedTensor | undefined): number {
  const kept = computed?.change ? matricesOf(computed.change).at(-1) : undefined;
  return kept ? kept.rows * kept.columns * (kept.dtype === "F64" ? 8 : 4) : 0;
}
