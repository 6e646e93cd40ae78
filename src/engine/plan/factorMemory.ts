/** What the factors of adapters take in a worker's memory. */
import type { Checkpoint } from "../format/checkpoint";
import type { ComputedTensor, StoredMatrix } from "../format/computedTensor";

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
  const change = computed?.change;
  if (!change || change.kind === "scale-all") return 0;
  const { rows, columns, dtype }: StoredMatrix = change.kind === "low-rank" ? change.right : change.factors;
  return rows * columns * (dtype === "F64" ? 8 : 4);
}
