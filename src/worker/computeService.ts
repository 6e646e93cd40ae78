/** The work of a compute worker: reads ranges, runs the kernels, writes at positions. */
import { crc32 } from "node:zlib";
import type { ByteSource } from "../engine/io";
import { ChunkBuffers } from "../engine/kernels/chunkBuffers";
import { ChunkReader, BYTES_OF } from "../engine/kernels/chunkReader";
import { chooseKernels } from "../engine/kernels/chooseKernels";
import type { Kernels, TiesChunkRules } from "../engine/kernels/kernels";
import type { RawChunk } from "../engine/kernels/rawChunk";
import type { ListWindow, NarrowWindow } from "../engine/merge/magnitudeWindow";
import { withShares } from "../engine/merge/sce";
import type { VarianceSums } from "../engine/merge/selectByVariance";
import type { TrimRule } from "../engine/merge/trim";
import { countRegion, type RegionSource } from "../engine/stats/countRegion";
import { drawTile } from "../engine/stats/drawTile";
import { readParameters, type PictureTensor } from "../engine/stats/parameterBlock";
import { TallyLayout } from "../engine/stats/tally";
import type { ParameterBlock, Tile, TileRequest } from "../protocol/tiles";
import { FisherMergers, sumSquares } from "./fisherValues";
import { nonFiniteError } from "./nonFiniteError";
import type {
  CarryJob,
  CollectJob,
  ComputeApi,
  CountJob,
  EqualJob,
  FactorJob,
  FileRange,
  GuessJob,
  JobBase,
  KeepRowsJob,
  LocateJob,
  LocateVarianceJob,
  MergeItem,
  MergeItemResult,
  MergeJob,
  PictureJob,
  ProductsJob,
  ReadBlocksJob,
  RegmeanJob,
  ScanJob,
  SquaresJob,
  StretchResult,
  Stretch,
  TensorInputs,
  TensorRange,
  VarianceSumsJob,
} from "./computeApi";
import { checkOutcome } from "./checkOutcome";
import { carryBytes } from "./carryBytes";
import { bytesOfEntries, readBytes } from "./entryBytes";
import { FileCache } from "./fileCache";
import { keepRows } from "./keepRows";
import { MatrixJobs } from "./matrixJobs";
import { PassCounts } from "./passCounts";
import { readBlocks } from "./readBlocks";
import { readRows } from "./readRows";
import { addProgress, betweenChunks, throwIfCancelled } from "./runState";
import { withRanks } from "./rowRanks";
import { scan } from "./scan";
import { StockRows } from "./stockRows";
import { RuleFinder } from "./ruleFinder";
import { TaskVariance } from "./taskVariance";
import { vectorProducts } from "./vectorProducts";

export class ComputeService implements ComputeApi {
  private readonly files = new FileCache();
  private readonly choice = chooseKernels(process.env.TIES_MERGE_KERNELS);
  private readonly kernels = new Map<number, Kernels>();
  private readonly buffers = new Map<string, ChunkBuffers>();
  private readonly fisher = new FisherMergers();
  private readonly matrices = new MatrixJobs(this.files, this.choice);
  private readonly passes = new PassCounts();
  private readonly variance = new TaskVariance();
  private readonly stock = new StockRows(this.files);
  private readonly finder = new RuleFinder(this.files, this.choice.room, this.variance);

  async guess(job: GuessJob): Promise<(NarrowWindow | ListWindow)[]> {
    this.passes.putAside();
    return this.finder.guess(job, this.kernelsFor(job));
  }

  async count(job: CountJob): Promise<void> {
    const entries = job.items.reduce((sum, { stretch }) => sum + stretch.count, 0);
    const kernels = this.kernelsFor(job);
    const counts = this.passes.of(job.pass, kernels, job.windows, entries);
    for (const { inputs, stretch } of job.items) {
      if (job.of === "variance") {
        this.variance.count(job, inputs, this.readerOf(inputs), stretch, job.windows, counts);
        continue;
      }
      this.eachChunk(job, inputs, stretch, (chunk) => {
        const bad = kernels.countMagnitudes(chunk, job.windows, job.nonFinite, counts);
        if (bad) throw nonFiniteError(job, inputs, bad, chunk.start);
      });
    }
  }

  async collect({ pass, into }: CollectJob): Promise<void> {
    this.passes.collect(pass, into);
  }

  async countEqual(job: EqualJob): Promise<number[][]> {
    return job.items.map(({ inputs, stretch }) => {
      const equal = job.thresholds.map(() => 0);
      this.eachChunk(job, inputs, stretch, (chunk) => {
        job.thresholds.forEach((threshold, t) => {
          if (threshold !== null) equal[t] += this.kernelsFor(job).countEqual(chunk, t, threshold);
        });
      });
      return equal;
    });
  }

  async locate(job: LocateJob): Promise<number> {
    let left = job.keep;
    let end = -1;
    this.eachChunk(job, job.inputs, job.stretch, (chunk) => {
      if (end >= 0) return;
      const equal = this.kernelsFor(job).countEqual(chunk, job.model, job.threshold);
      if (equal < left) left -= equal;
      else end = chunk.start + this.kernelsFor(job).endOfEqual(chunk, job.model, job.threshold, left);
    });
    return end;
  }

  async varianceSums(job: VarianceSumsJob): Promise<VarianceSums[]> {
    return job.items.map(({ inputs, stretch }) =>
      this.variance.sums(job, inputs, this.readerOf(inputs), stretch, job.threshold),
    );
  }

  async locateVariance(job: LocateVarianceJob): Promise<{ end: number; squares: number[] }> {
    const { inputs, stretch, threshold, keep } = job;
    return this.variance.locate(job, inputs, this.readerOf(inputs), stretch, threshold, keep);
  }

  async merge(job: MergeJob): Promise<MergeItemResult[]> {
    const results: MergeItemResult[] = [];
    for (const item of job.items) results.push(await this.mergeItem(job, item));
    return results;
  }

  async carry(job: CarryJob): Promise<{ crc: number }> {
    const open = (range: FileRange): ByteSource => this.files.source(range);
    return carryBytes(job, open, this.files.sink(job.output.file), this.choice.room);
  }

  async keepRows(job: KeepRowsJob): Promise<void> {
    keepRows(job, this.files.source(job.from), this.files.sink(job.output.file), this.choice.room);
  }

  async scan(job: ScanJob): Promise<{ nan: number; infinite: number; first: number }[]> {
    return scan(job, this.files, this.choice.room);
  }

  async readBlocks(job: ReadBlocksJob): Promise<void> {
    readBlocks(job, this.files);
  }

  async readRows(job: ReadBlocksJob): Promise<void> {
    readRows(job, this.files);
  }

  async sumSquares(job: SquaresJob): Promise<number[]> {
    return sumSquares(job, this.files, this.choice.room);
  }

  async products(job: ProductsJob): Promise<number[][]> {
    return vectorProducts(job, this.files, this.choice.room);
  }

  async regmean(job: RegmeanJob): Promise<StretchResult | null> {
    return this.matrices.regmean(job);
  }

  async factor(job: FactorJob): Promise<[StretchResult, StretchResult]> {
    return this.matrices.factor(job);
  }

  async tile(job: PictureJob & { request: TileRequest }): Promise<Tile> {
    return drawTile(job.inputs.shape, job.request, this.regionSource(job));
  }

  async parameters(job: Parameters<ComputeApi["parameters"]>[0]): Promise<ParameterBlock> {
    const { request, densities, outDtype } = job;
    const parameters = withShares(job.parameters, job.rules);
    return readParameters(this.pictureTensor(job), request, parameters, densities, this.tiesOf(job), outDtype);
  }

  async countRegion(job: Parameters<ComputeApi["countRegion"]>[0]): Promise<void> {
    countRegion(job.pyramid, job.region, this.regionSource(job));
  }

  async release(): Promise<void> {
    this.files.closeAll();
    this.matrices.release();
  }

  private async mergeItem(job: MergeJob, item: MergeItem): Promise<MergeItemResult> {
    const { inputs } = item;
    const kernels = this.kernelsFor(job);
    const select = item.rules ? null : job.select;
    if (select) this.passes.putAside();
    const guesses = select && this.finder.guessOf(job, select, item, kernels);
    const reader = this.readerOf(inputs);
    const rules = select ? await this.finder.select(job, select, inputs, reader, guesses, kernels) : item.rules;
    const whole = inputs.fisher && item.output ? this.readerOf(inputs, inputs.fisher.values) : reader;
    const masks = rules && withRanks(rules, inputs, this.files);
    return { rules, stretches: item.stretches.map((stretch) => this.mergeStretch(job, item, masks, whole, stretch)) };
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
      baseNonFinite: 0,
    };
    const ties = rules && { rules, zeroSign: job.zeroSign };
    const parameters = withShares({ ...job.parameters, ...inputs.coefficients }, rules);
    const sink = output && this.files.sink(output.file, output.memory);
    reader.forEachChunk(stretch.start, stretch.count, (chunk) => {
      const { start, count } = chunk;
      betweenChunks(job);
      const size = output ? BYTES_OF[output.dtype] : 0;
      const bytes = this.choice.output.subarray(0, size * count);
      const into = output && { dtype: output.dtype, bytes };
      const outcome = this.mergerFor(job, inputs).merge(chunk, parameters, ties, into, tally);
      checkOutcome(job, inputs, outcome, start, output?.dtype ?? "");
      if (output && sink) {
        sink.write(output.offset + start * size, bytes);
        result.crc = crc32(bytes, result.crc);
      }
      result.replaced += outcome.replaced;
      result.baseNonFinite += outcome.baseNonFinite;
      result.elected.positive += outcome.elected.positive;
      result.elected.negative += outcome.elected.negative;
      result.elected.cancelled += outcome.elected.cancelled;
      addProgress(job.state, readBytes(chunk));
    });
    return result;
  }

  private eachChunk(job: JobBase, inputs: TensorInputs, stretch: Stretch, visit: (chunk: RawChunk) => void): void {
    this.readerOf(inputs).forEachChunk(stretch.start, stretch.count, (chunk) => {
      betweenChunks(job);
      visit(chunk);
      addProgress(job.state, bytesOfEntries(inputs, chunk.count));
    });
  }

  /** @param more what is read behind the models. */
  private readerOf({ base, models, wide }: TensorInputs, more: readonly TensorRange[] = []): ChunkReader {
    const open = (range: NonNullable<typeof base>) => ({
      source: this.files.source(range),
      offset: range.offset,
      dtype: range.dtype,
    });
    return new ChunkReader(base && open(base), [...models, ...more].map(open), wide, this.choice.room);
  }

  private regionSource(job: PictureJob): RegionSource {
    return {
      reader: this.readerOf(job.inputs),
      kernels: this.kernelsFor(job),
      parameters: withShares(job.parameters, job.rules),
      ties: this.tiesOf(job),
      betweenChunks: () => throwIfCancelled(job.state),
    };
  }

  private tiesOf({ rules, zeroSign, inputs }: PictureJob): TiesChunkRules {
    return { rules: withRanks(rules, inputs, this.files), zeroSign };
  }

  private pictureTensor({ inputs }: PictureJob): PictureTensor {
    const key = `${inputs.models.length} ${inputs.wide}`;
    const buffers = this.buffers.get(key) ?? new ChunkBuffers(inputs.models.length, inputs.wide);
    this.buffers.set(key, buffers);
    return { shape: inputs.shape, reader: this.readerOf(inputs), buffers };
  }

  private mergerFor(job: MergeJob, inputs: TensorInputs): Pick<Kernels, "merge"> {
    const kernels = this.kernelsFor(job);
    if (inputs.stockRow !== undefined) return this.stock.merger(job, inputs, inputs.stockRow, kernels);
    return inputs.fisher ? this.fisher.merger(job, inputs, inputs.fisher.coefficients, kernels) : kernels;
  }

  private kernelsFor({ labels }: JobBase): Kernels {
    const models = labels.models.length;
    let kernels = this.kernels.get(models);
    if (!kernels) this.kernels.set(models, (kernels = this.choice.kernelsFor(models)));
    return kernels;
  }
}
