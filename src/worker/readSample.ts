/** Reads the blocks of a sample, on all workers, into memory that they share. */
import type { TensorRef } from "../engine/format/checkpoint";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import type { RawInput } from "../engine/kernels/rawChunk";
import { batch } from "../engine/plan/workPlan";
import type { HeldRanks } from "../engine/sample/heldRanks";
import { entriesRead } from "../engine/sample/rankedRows";
import type { SampledTensor } from "../engine/sample/samplePlan";
import type { TensorRange } from "./computeApi";
import { rangeOf } from "./preparedSet";
import type { Run } from "./run";

/** Inputs begin at multiples of this: of any dtype's size. */
const ALIGNMENT = 8;
/** Reads that one job takes together, and entries that are as much work where they are ranked. */
const JOB_READS = 2048;
const ENTRIES_A_READ = 64;

export interface SampleItem {
  sampled: SampledTensor;
  elements: number;
  wide: boolean;
  /** The tensor in base and models. */
  refs: readonly TensorRef[];
}

interface Placed extends SampleItem {
  /** Where each input is held. */
  inputs: (Omit<RawInput, "bytes"> & { source: number; offset: number; size: number })[];
  /** Where ranks are held, of what is ranked. */
  ranks: number;
}

/** What is held of an item: base and models, and the models' ranks where they were asked for. */
export interface ReadItem {
  inputs: RawInput[];
  ranks?: HeldRanks;
}

export async function readSample(items: readonly SampleItem[], run: Run): Promise<ReadItem[]> {
  const sources = new Sources();
  let end = 0;
  const placed = items.map((item): Placed => {
    const inputs = item.refs.map((ref) => {
      const source = sources.add(ref);
      const { dtype } = sources.ranges[source];
      const [offset, size] = [end, item.sampled.entries * BYTES_OF[dtype]];
      end = aligned(end + size);
      return { dtype, source, offset, size };
    });
    const ranks = end;
    if (item.sampled.rows) {
      end = aligned(end + (inputs.length - 1) * item.sampled.entries * Uint32Array.BYTES_PER_ELEMENT);
    }
    return { ...item, inputs, ranks };
  });
  const into = new SharedArrayBuffer(end);
  const reads = ({ refs, sampled: { atOnce, blocks, rows } }: Placed): number =>
    refs.length * (atOnce ? 1 : blocks.length + (rows ? entriesRead(rows) / ENTRIES_A_READ : 0));
  const jobs = (how: "readBlocks" | "readRows", plan: (part: readonly Placed[]) => Float64Array) =>
    batch(
      placed.filter(({ sampled }) => (sampled.rows !== undefined) === (how === "readRows")),
      reads,
      JOB_READS,
    ).map((part) => run.submit(how, () => ({ sources: sources.ranges, plan: plan(part), into }), "interactive"));
  await run.all([...jobs("readBlocks", planOf), ...jobs("readRows", planOfRows)]);
  return placed.map(({ inputs, ranks, sampled: { entries, rows } }) => ({
    inputs: inputs.map(({ dtype, offset, size }) => ({ dtype, bytes: new Uint8Array(into, offset, size) })),
    ...(rows && { ranks: { length: rows.length, models: ranksIn(into, ranks, entries, inputs.length - 1) } }),
  }));
}

const aligned = (end: number): number => Math.ceil(end / ALIGNMENT) * ALIGNMENT;

const ranksIn = (into: SharedArrayBuffer, offset: number, entries: number, models: number): Uint32Array[] =>
  Array.from({ length: models }, (_, t) => new Uint32Array(into, offset + 4 * t * entries, entries));

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

/** The same for what is ranked, as `readRows` takes it. */
function planOfRows(items: readonly Placed[]): Float64Array {
  const plan: number[] = [];
  for (const { sampled, wide, refs, inputs, ranks } of items) {
    if (!sampled.rows) continue;
    const { length, perRow, held, pieces } = sampled.rows;
    plan.push(wide ? 1 : 0, length, perRow, held, pieces.length, inputs.length, ranks);
    for (const { start, count, block } of pieces) plan.push(start, count, block);
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
