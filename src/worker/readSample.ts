/** Reads the blocks of a sample, on all workers, into memory that they share. */
import type { RawInput } from "../engine/kernels/rawChunk";
import { batch } from "../engine/plan/workPlan";
import type { SampledTensor } from "../engine/sample/samplePlan";
import type { TensorInputs } from "./computeApi";
import { entryBytes } from "./entryBytes";
import type { Run } from "./run";

/** Inputs begin at multiples of this: of any dtype's size. */
const ALIGNMENT = 8;
/** Reads that one job takes together. */
const JOB_READS = 2048;

/** By item, base and models. */
export async function readSample(
  items: readonly { sampled: SampledTensor; inputs: TensorInputs }[],
  run: Run,
): Promise<RawInput[][]> {
  let end = 0;
  const placed = items.map(({ sampled: { entries, blocks, atOnce }, inputs }) => {
    const ranges = inputs.base ? [inputs.base, ...inputs.models] : inputs.models;
    const offsets = entryBytes(inputs).map((size) => {
      const offset = end;
      end = Math.ceil((end + entries * size) / ALIGNMENT) * ALIGNMENT;
      return offset;
    });
    return { ranges, blocks, offsets, entries, atOnce, elements: inputs.elements, sizes: entryBytes(inputs) };
  });
  const into = new SharedArrayBuffer(end);
  const jobs = batch(placed, ({ ranges, blocks, atOnce }) => ranges.length * (atOnce ? 1 : blocks.length), JOB_READS);
  const strip = (part: typeof placed) =>
    part.map(({ ranges, blocks, offsets, elements, atOnce }) => ({ ranges, blocks, offsets, elements, atOnce }));
  await run.all(jobs.map((part) => run.submit("readBlocks", () => ({ items: strip(part), into }), "interactive")));
  return placed.map(({ ranges, offsets, sizes, entries }) =>
    ranges.map(({ dtype }, at) => ({ dtype, bytes: new Uint8Array(into, offsets[at], entries * sizes[at]) })),
  );
}
