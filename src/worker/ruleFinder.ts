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
import type {
  GuessJob,
  JobBase,
  MergeItem,
  MergeJob,
  SampledTensor,
  Stretch,
  TensorInputs,
  TensorRange,
} from "./computeApi";
import { bytesOfEntries, entryBytes } from "./entryBytes";
import type { FileCache } from "./fileCache";
import { nonFiniteError } from "./nonFiniteError";
import { addProgress, throwIfCancelled } from "./runState";
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
    return guessWindows(kernels, this.readSample(job.sample, job), job.elements, job.densities, job.ties, job.lists);
  }

  /** Where the thresholds of an item that brings a sample probably lie; else null. */
  guessOf(job: MergeJob, { densities, ties, gamma }: Select, { inputs, sample }: MergeItem, kernels: Kernels) {
    if (!sample) return null;
    const groups = sample.map((stretches) => [{ inputs, stretches }]);
    const [kept] = gamma === null ? [densities] : bandDensities(inputs.elements, densities, gamma);
    return guessWindows(kernels, this.readSample(groups, job), inputs.elements, kept, ties, true);
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
      throwIfCancelled(job.state);
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

  /** The sample with the stretches of a tensor as one chunk, valid until something else is read. */
  private readSample(groups: readonly SampledTensor[][], { state }: Pick<JobBase, "state">): RawChunk[][] {
    const sizes = groups.flatMap((group) =>
      group.flatMap(({ inputs, stretches }) => entryBytes(inputs).map((size) => size * entriesOf(stretches))),
    );
    const buffers = this.room.take(sizes);
    let next = 0;
    const readPart = ({ inputs, stretches }: SampledTensor): RawChunk => {
      throwIfCancelled(state);
      const read = (range: TensorRange): RawInput => this.readStretches(range, stretches, buffers[next++]);
      const base = inputs.base && read(inputs.base);
      return { count: entriesOf(stretches), start: 0, base, models: inputs.models.map(read), wide: inputs.wide };
    };
    return groups.map((group) => group.map(readPart));
  }

  private readStretches(range: TensorRange, stretches: readonly Stretch[], bytes: Uint8Array): RawInput {
    const source = this.files.source(range);
    const size = BYTES_OF[range.dtype];
    let end = 0;
    for (const { start, count } of stretches) {
      const begin = end;
      end += count * size;
      source.read(range.offset + start * size, bytes.subarray(begin, end));
    }
    return { dtype: range.dtype, bytes };
  }
}

const entriesOf = (stretches: readonly Stretch[]): number => stretches.reduce((sum, { count }) => sum + count, 0);
