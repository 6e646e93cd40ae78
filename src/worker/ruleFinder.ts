/** Finds the trim rules of a tensor that one worker goes through alone, and guesses those of larger units. */
import { BYTES_OF, type ChunkReader, type ReaderRoom } from "../engine/kernels/chunkReader";
import type { Kernels } from "../engine/kernels/kernels";
import type { RawChunk, RawInput } from "../engine/kernels/rawChunk";
import { bandDensities, bandRules } from "../engine/merge/breadcrumbs";
import { guessWindows } from "../engine/merge/guessWindows";
import type { ListWindow, NarrowWindow } from "../engine/merge/magnitudeWindow";
import { selectByVariance } from "../engine/merge/selectByVariance";
import { NonFiniteInput, selectTensor } from "../engine/merge/selectTensor";
import type { TrimRule } from "../engine/merge/trim";
import type { GuessJob, MergeItem, MergeJob, TensorInputs, TensorRange } from "./computeApi";
import { bytesOfEntries, entryBytes } from "./entryBytes";
import type { FileCache } from "./fileCache";
import { nonFiniteError } from "./nonFiniteError";
import { addProgress, betweenChunks, throwIfCancelled } from "./runState";
import type { TaskVariance } from "./taskVariance";

type Guesses = (NarrowWindow | ListWindow)[];
type Select = NonNullable<MergeJob["select"]>;

export class RuleFinder {
  constructor(
    private readonly files: FileCache,
    private readonly room: ReaderRoom,
    private readonly variance: TaskVariance,
  ) {}

  guess(job: GuessJob, kernels: Kernels): Guesses {
    return guessWindows(kernels, this.readSample(job), job.elements, job.densities, job.ties, job.lists);
  }

  /** Where the thresholds of an item that brings a sample probably lie; else null. */
  guessOf(job: MergeJob, { densities, ties, gamma }: Select, { inputs, sample }: MergeItem, kernels: Kernels) {
    if (!sample) return null;
    const blocks = this.readSample({ ...job, blocks: sample.map((block) => ({ ...block, inputs })) });
    const [kept] = gamma === null ? [densities] : bandDensities(inputs.elements, densities, gamma);
    return guessWindows(kernels, blocks, inputs.elements, kept, ties, true);
  }

  /** Throws `non-finite`. */
  async select(
    job: MergeJob,
    { densities, ties, gamma, sceEqualBelow }: Select,
    inputs: TensorInputs,
    reader: ChunkReader,
    guesses: Guesses | null,
    kernels: Kernels,
  ): Promise<TrimRule[]> {
    if (sceEqualBelow !== null) {
      const passes = this.variance.passes(job, inputs, reader);
      const { elements, wide, models } = inputs;
      return selectByVariance(passes, { elements, wide, models: models.length }, densities[0], sceEqualBelow);
    }
    const onChunk = ({ count }: RawChunk): void => {
      betweenChunks(job);
      addProgress(job.state, bytesOfEntries(inputs, count));
    };
    try {
      const find = (shares: readonly number[], windows: Guesses | null): TrimRule[] =>
        selectTensor(kernels, reader, inputs, shares, ties, job.nonFinite, windows, onChunk);
      if (gamma === null) return find(densities, guesses);
      const [kept, outliers] = bandDensities(inputs.elements, densities, gamma);
      return bandRules(find(kept, guesses), find(outliers, null));
    } catch (error) {
      throw error instanceof NonFiniteInput ? nonFiniteError(job, inputs, error.at, error.start) : error;
    }
  }

  /** Blocks of tensors as chunks, valid until something else is read. */
  private readSample({ blocks, state }: Pick<GuessJob, "blocks" | "state">): RawChunk[] {
    const buffers = this.room.take(
      blocks.flatMap(({ inputs, count }) => entryBytes(inputs).map((size) => size * count)),
    );
    let next = 0;
    return blocks.map(({ inputs, start, count }) => {
      throwIfCancelled(state);
      const read = (range: TensorRange): RawInput => {
        const bytes = buffers[next++];
        this.files.source(range).read(range.offset + start * BYTES_OF[range.dtype], bytes);
        return { dtype: range.dtype, bytes };
      };
      const base = inputs.base && read(inputs.base);
      return { count, start, base, models: inputs.models.map(read), wide: inputs.wide };
    });
  }
}
