/** What a pickle may cost. A few bytes of a hostile one could otherwise ask for any amount of memory. */
import { MergeError } from "../../../protocol/errors";

/** Bytes that are interpreted, as many as a safetensors header may have: some hundred thousand tensors. */
export const MAX_PICKLE_BYTES = 100_000_000;
/** Estimated memory of all that the pickle builds; half of the default limit of the whole process. */
const MAX_PICKLE_MEMORY = 2 ** 29;

/** Rough sizes of values in memory, in bytes. */
export const COST = { slot: 16, number: 32, container: 96, dict: 256, mapEntry: 128, memoEntry: 48 } as const;

export class PickleBudget {
  private spent = 0;

  /** @param where The file, for messages. */
  constructor(readonly where: string) {}

  /** Throws `pytorch-pickle-limit` before the memory is taken. */
  spend(bytes: number): void {
    this.spent += bytes;
    if (this.spent > MAX_PICKLE_MEMORY) {
      throw new MergeError("pytorch-pickle-limit", { where: this.where, limit: MAX_PICKLE_MEMORY });
    }
  }

  /** What no pickle of PyTorch has. */
  damaged(message: string): never {
    throw new MergeError("pytorch-damaged", { where: this.where, message });
  }
}
