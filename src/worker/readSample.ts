/** Reads the blocks of a sample, on all workers, into memory that they share. */
import type { TensorRef } from "../engine/format/checkpoint";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import type { RawInput } from "../engine/kernels/rawChunk";
import { batch } from "../engine/plan/workPlan";
import type { SampledTensor } from "../engine/sample/samplePlan";
import type { TensorRange } from "./computeApi";
import { rangeOf } from "./preparedSet";
import type { Run } from "./run";

/** Inputs begin at multiples of this: of any dtype's size. */
const ALIGNMENT = 8;
/** Reads that one job takes together. */
const JOB_READS = 2048;

export interface SampleItem {
  sampled: SampledTensor;
  elements: number;
  /** The tensor in base and models. */
  refs: readonly TensorRef[];
}

interface Placed extends SampleItem {
  /** Where each input is held. */
  inputs: (Omit<RawInput, "bytes"> & { source: number; offset: number; size: number })[];
}

/** By item, base and models. */
export async function readSample(items: readonly SampleItem[], run: Run): Promise<RawInput[][]> {
  const sources = new Sources();
  let end = 0;
  const placed = items.map((item): Placed => {
    const inputs = item.refs.map((ref) => {
      const source = sources.add(ref);
      const { dtype } = sources.ranges[source];
      const [offset, size] = [end, item.sampled.entries * BYTES_OF[dtype]];
      end = Math.ceil((end + size) / ALIGNMENT) * ALIGNMENT;
      return { dtype, source, offset, size };
    });
    return { ...item, inputs };
  });
  const into = new SharedArrayBuffer(end);
  const jobs = batch(
    placed,
    ({ refs, sampled: { atOnce, blocks } }) => refs.length * (atOnce ? 1 : blocks.length),
    JOB_READS,
  );
  await run.all(
    jobs.map((part) =>
      run.submit("readBlocks", () => ({ sources: sources.ranges, plan: planOf(part), into }), "interactive"),
    ),
  );
  return placed.map(({ inputs }) =>
    inputs.map(({ dtype, offset, size }) => ({ dtype, bytes: new Uint8Array(into, offset, size) })),
  );
}

/**
 * As numbers: thousands of tensors cross to the workers in no time. For each tensor its entries, whether it is read at
 * once, and how many blocks and inputs follow; of each block start and count, of each input its source, where the
 * tensor begins in it, and where it is to be held.
 */
function planOf(items: readonly Placed[]): Float64Array {
  const plan: number[] = [];
  for (const { sampled, elements, refs, inputs } of items) {
    plan.push(elements, sampled.atOnce ? 1 : 0, sampled.blocks.length, inputs.length);
    for (const { start, count } of sampled.blocks) plan.push(start, count);
    inputs.forEach(({ source, offset }, at) => plan.push(source, refs[at].begin, offset));
  }
  return Float64Array.from(plan);
}

/** What tensors are read from: of plain ones, the file. */
class Sources {
  readonly ranges: TensorRange[] = [];
  private readonly files = new Map<string, number>();

  add(ref: TensorRef): number {
    if (ref.view !== undefined || ref.computed !== undefined) return this.ranges.push(rangeOf(ref)) - 1;
    const key = `${ref.dtype} ${ref.file}`;
    const known = this.files.get(key);
    if (known !== undefined) return known;
    const source = this.ranges.push(rangeOf(ref)) - 1;
    this.files.set(key, source);
    return source;
  }
}
