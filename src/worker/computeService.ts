/** The work of a compute worker: reads ranges, runs the kernels, writes at positions. */
import { crc32 } from "node:zlib";
import { ChunkReader, forEachChunk, BYTES_OF } from "../engine/kernels/chunkReader";
import { chooseKernels } from "../engine/kernels/chooseKernels";
import type { ChunkOutcome, Kernels } from "../engine/kernels/kernels";
import type { NonFinite } from "../engine/kernels/rawChunk";
import { NonFiniteInput, selectTensor } from "../engine/merge/selectTensor";
import type { TrimRule } from "../engine/merge/trim";
import { drawTile, readParameters, type PictureTensor } from "../engine/stats/picture";
import { TallyLayout } from "../engine/stats/tally";
import { MergeError } from "../protocol/errors";
import type { FloatDtype } from "../protocol/mergeSet";
import type { ParameterBlock, ParameterRequest, Tile, TileRequest } from "../protocol/tiles";
import { positionOf } from "./position";
import type {
  CarryJob,
  ComputeApi,
  CountJob,
  EqualJob,
  JobBase,
  LocateJob,
  MergeItem,
  MergeItemResult,
  MergeJob,
  PictureJob,
  ScanJob,
  StretchResult,
  Stretch,
  TensorInputs,
} from "./computeApi";
import { FileCache } from "./fileCache";
import { addProgress, throwIfCancelled } from "./runState";
import { scanChunk } from "./scanChunk";

/** Bytes copied at a time when a tensor is carried as it is. */
const COPY_BYTES = 1 << 20;

export class ComputeService implements ComputeApi {
  private readonly files = new FileCache();
  private readonly choice = chooseKernels(process.env.TIES_MERGE_KERNELS);
  private readonly kernels = new Map<number, Kernels>();

  async count(job: CountJob): Promise<(Uint32Array | null)[]> {
    const counts = job.digits.map((digit, t) => (digit ? this.kernelsFor(job).emptyHistogram(t) : null));
    for (const { inputs, stretch } of job.items) {
      this.eachChunk(job, inputs, stretch, (reader, start, count) => {
        job.digits.forEach((digit, t) => {
          const into = counts[t];
          if (!digit || !into) return;
          const chunk = reader.chunk(start, count);
          const bad = this.kernelsFor(job).countMagnitudes(chunk, t, digit, job.nonFinite, into);
          if (bad) throw nonFiniteError(job, inputs, bad, start);
        });
      });
    }
    // Copies: what is sent takes the whole of its buffer along, and these may lie in the memory of the kernels.
    return counts.map((histogram) => histogram && histogram.slice());
  }

  async countEqual(job: EqualJob): Promise<number[][]> {
    return job.items.map(({ inputs, stretch }) => {
      const equal = job.thresholds.map(() => 0);
      this.eachChunk(job, inputs, stretch, (reader, start, count) => {
        job.thresholds.forEach((threshold, t) => {
          if (threshold !== null) equal[t] += this.kernelsFor(job).countEqual(reader.chunk(start, count), t, threshold);
        });
      });
      return equal;
    });
  }

  async locate(job: LocateJob): Promise<number> {
    let left = job.keep;
    let end = -1;
    this.eachChunk(job, job.inputs, job.stretch, (reader, start, count) => {
      if (end >= 0) return;
      const chunk = reader.chunk(start, count);
      const equal = this.kernelsFor(job).countEqual(chunk, job.model, job.threshold);
      if (equal < left) left -= equal;
      else end = start + this.kernelsFor(job).endOfEqual(chunk, job.model, job.threshold, left);
    });
    return end;
  }

  async merge(job: MergeJob): Promise<MergeItemResult[]> {
    return job.items.map((item) => this.mergeItem(job, item));
  }

  async carry(job: CarryJob): Promise<{ crc: number }> {
    const [mine, theirs] = this.choice.room.take([COPY_BYTES, COPY_BYTES]);
    const sink = this.files.sink(job.output.file);
    let crc = 0;
    for (let at = 0; at < job.bytes; at += COPY_BYTES) {
      throwIfCancelled(job.state);
      const size = Math.min(COPY_BYTES, job.bytes - at);
      const bytes = mine.subarray(0, size);
      this.files.source(job.from).read(job.from.offset + at, bytes);
      for (const other of job.others) {
        const copy = theirs.subarray(0, size);
        this.files.source(other).read(other.offset + at, copy);
        if (Buffer.compare(bytes, copy) !== 0) {
          throw new MergeError("carried-differs", {
            where: job.name,
            model: job.labels.models[other.model],
            dtype: job.dtype,
          });
        }
      }
      sink.write(job.output.offset + at, bytes);
      crc = crc32(bytes, crc);
      addProgress(job.state, size * (1 + job.others.length));
    }
    return { crc };
  }

  async scan(job: ScanJob): Promise<{ nan: number; infinite: number; first: number }[]> {
    return job.items.map(({ range, stretch }) => {
      const found = { nan: 0, infinite: 0, first: -1 };
      const size = BYTES_OF[range.dtype];
      forEachChunk(stretch.start, stretch.count, (start, count) => {
        throwIfCancelled(job.state);
        const [bytes] = this.choice.room.take([size * count]);
        this.files.source(range).read(range.offset + start * size, bytes);
        scanChunk(range.dtype, bytes, count, start, found);
        addProgress(job.state, size * count);
      });
      return found;
    });
  }

  async tile(job: PictureJob & { request: TileRequest }): Promise<Tile> {
    const cancel = (): void => throwIfCancelled(job.state);
    return drawTile(this.pictureTensor(job), job.request, job.parameters, job, cancel);
  }

  async parameters(job: PictureJob & { request: ParameterRequest; outDtype: FloatDtype }): Promise<ParameterBlock> {
    return readParameters(this.pictureTensor(job), job.request, job.parameters, job, job.outDtype);
  }

  async release(): Promise<void> {
    this.files.closeAll();
  }

  private mergeItem(job: MergeJob, item: MergeItem): MergeItemResult {
    const { inputs } = item;
    const reader = this.readerOf(inputs);
    let { rules } = item;
    if (!rules && job.select) {
      reader.load();
      rules = this.select(job, job.select, inputs, reader);
    }
    return { rules, stretches: item.stretches.map((stretch) => this.mergeStretch(job, item, rules, reader, stretch)) };
  }

  private select(
    job: MergeJob,
    { densities, ties }: NonNullable<MergeJob["select"]>,
    inputs: TensorInputs,
    reader: ChunkReader,
  ): TrimRule[] {
    const { elements, wide } = inputs;
    const cancel = (): void => throwIfCancelled(job.state);
    try {
      return selectTensor(this.kernelsFor(job), reader, elements, wide, densities, ties, job.nonFinite, cancel);
    } catch (error) {
      throw error instanceof NonFiniteInput ? nonFiniteError(job, inputs, error.at, error.start) : error;
    }
  }

  private mergeStretch(
    job: MergeJob,
    { inputs, output }: MergeItem,
    rules: TrimRule[] | null,
    reader: ChunkReader,
    stretch: Stretch,
  ): StretchResult {
    const tally = job.statistics ? new TallyLayout(inputs.models.length).allocate() : null;
    const result: StretchResult = {
      crc: 0,
      tally,
      elected: { positive: 0, negative: 0, cancelled: 0 },
      replaced: 0,
    };
    const ties = rules && { rules, zeroSign: job.zeroSign };
    const sink = output && this.files.sink(output.file);
    forEachChunk(stretch.start, stretch.count, (start, count) => {
      throwIfCancelled(job.state);
      const chunk = reader.chunk(start, count);
      const size = output ? BYTES_OF[output.dtype] : 0;
      const bytes = this.choice.output.subarray(0, size * count);
      const into = output && { dtype: output.dtype, bytes };
      const outcome = this.kernelsFor(job).merge(chunk, job.parameters, ties, into, tally);
      this.check(job, inputs, outcome, start, output?.dtype ?? "");
      if (output && sink) {
        sink.write(output.offset + start * size, bytes);
        result.crc = crc32(bytes, result.crc);
      }
      result.replaced += outcome.replaced;
      result.elected.positive += outcome.elected.positive;
      result.elected.negative += outcome.elected.negative;
      result.elected.cancelled += outcome.elected.cancelled;
      addProgress(job.state, chunkBytes(inputs, count));
    });
    return result;
  }

  private check(job: JobBase, inputs: TensorInputs, outcome: ChunkOutcome, start: number, dtype: string): void {
    if (outcome.nonFinite) throw nonFiniteError(job, inputs, outcome.nonFinite, start);
    const details = (index: number): { where: string; index: number; position: string } => ({
      where: inputs.name,
      index: start + index,
      position: positionOf(inputs.shape, start + index),
    });
    if (outcome.weightSum >= 0) throw new MergeError("weights-cancel", details(outcome.weightSum));
    if (outcome.overflow >= 0) throw new MergeError("result-overflow", { ...details(outcome.overflow), dtype });
  }

  private eachChunk(
    job: JobBase,
    inputs: TensorInputs,
    stretch: Stretch,
    visit: (reader: ChunkReader, start: number, count: number) => void,
  ): void {
    const reader = this.readerOf(inputs);
    forEachChunk(stretch.start, stretch.count, (start, count) => {
      throwIfCancelled(job.state);
      visit(reader, start, count);
      addProgress(job.state, chunkBytes(inputs, count));
    });
  }

  private readerOf({ base, models, elements, wide }: TensorInputs): ChunkReader {
    const open = (range: NonNullable<typeof base>) => ({
      source: this.files.source(range),
      offset: range.offset,
      dtype: range.dtype,
    });
    return new ChunkReader(base && open(base), models.map(open), elements, wide, this.choice.room);
  }

  private pictureTensor({ inputs }: PictureJob): PictureTensor {
    return { shape: inputs.shape, wide: inputs.wide, reader: this.readerOf(inputs) };
  }

  private kernelsFor({ labels }: JobBase): Kernels {
    const models = labels.models.length;
    let kernels = this.kernels.get(models);
    if (!kernels) this.kernels.set(models, (kernels = this.choice.kernelsFor(models)));
    return kernels;
  }
}

const chunkBytes = ({ base, models }: TensorInputs, count: number): number =>
  count * (base ? [base, ...models] : models).reduce((sum, { dtype }) => sum + BYTES_OF[dtype], 0);

function nonFiniteError(job: JobBase, inputs: TensorInputs, { model, index }: NonFinite, start: number): MergeError {
  return new MergeError("non-finite", {
    where: inputs.name,
    input: model < 0 ? job.labels.base : job.labels.models[model],
    index: start + index,
    position: positionOf(inputs.shape, start + index),
  });
}
