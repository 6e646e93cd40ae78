/** A worker's part of reading a sample, as `readSample` plans it. */
import { BYTES_OF } from "../engine/kernels/chunkReader";
import type { ReadBlocksJob } from "./computeApi";
import type { FileCache } from "./fileCache";
import { throwIfCancelled } from "./runState";

/** Reads blocks of tensors, each input's one after the other, to where they are held. */
export function readBlocks({ sources, plan, into, state }: ReadBlocksJob, files: FileCache): void {
  let at = 0;
  while (at < plan.length) {
    throwIfCancelled(state);
    const [elements, atOnce, blocks, inputs] = plan.subarray(at, at + 4);
    const firstBlock = at + 4;
    const firstInput = firstBlock + 2 * blocks;
    at = firstInput + 3 * inputs;
    for (let input = firstInput; input < at; input += 3) {
      const [source, begin, held] = plan.subarray(input, input + 3);
      const file = files.source(sources[source]);
      const size = BYTES_OF[sources[source].dtype];
      // Where blocks lie close together one read is sooner done than one each.
      const whole = atOnce === 1 ? new Uint8Array(elements * size) : null;
      if (whole) file.read(begin, whole);
      let offset = held;
      for (let block = firstBlock; block < firstInput; block += 2) {
        const [start, count] = [plan[block], plan[block + 1]];
        const part = new Uint8Array(into, offset, count * size);
        if (whole) part.set(whole.subarray(start * size, (start + count) * size));
        else file.read(begin + start * size, part);
        offset += count * size;
      }
    }
  }
}
