/**
 * The pictures of an inspected merge set: tiles from the entries themselves or from a pyramid, blocks of single
 * parameters, counts of magnitudes. Keeps the pyramids used last, within a limit of bytes.
 */
import { countsLength, magnitudeOfBits, magnitudeOfDigits } from "../engine/merge/magnitudeWindow";
import { wholeWindow, WIDE_DIGITS, wideWindow, type MagnitudeWindow } from "../engine/merge/magnitudeWindow";
import { batch, segmentsOf } from "../engine/plan/workPlan";
import { finestLevelWithin, FINEST_LEVEL } from "../engine/stats/pyramid";
import type { FloatDtype } from "../protocol/mergeSet";
import type { CallContext } from "../protocol/rpc";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  Tile,
  TileProgress,
  TileRequest,
} from "../protocol/tiles";
import { columnLevelOf, matrixShape } from "../protocol/tiles";
import type { JobBase, PictureJob } from "./computeApi";
import { countWindows } from "./countWindows";
import { bytesOfEntries } from "./entryBytes";
import type { Run } from "./run";
import { TensorPyramid } from "./tensorPyramid";

/** What a picture of a tensor follows from, besides its files. */
export type PictureOf = Omit<PictureJob, keyof JobBase>;
/** Runs work on the workers until it ends, `signal` fires or the session closes. */
export type During = <T>(signal: AbortSignal, work: (run: Run) => Promise<T>) => Promise<T>;

/** Most and least bytes of pyramids that a session keeps, whatever the memory limit. */
const MOST_BYTES = 320 * 2 ** 20;
const LEAST_BYTES = 8 * 2 ** 20;
/** Of one pyramid: the rest is for those seen before. */
const PYRAMID_SHARE = 0.85;
/** Buckets of magnitudes are 2^13 float32 wide: a thousandth of their magnitude. */
const RANK_SHIFT = 13;

/** Bytes for pyramids where so many are left. */
export const pictureBytesWithin = (left: number): number => Math.min(MOST_BYTES, Math.max(LEAST_BYTES, left));

export class TensorPictures {
  /** By what they show; the one used last is last. */
  private readonly pyramids = new Map<string, TensorPyramid>();
  private readonly never = new AbortController().signal;
  private isPractised = false;

  /** @param limit bytes of pyramids; @param atOnce jobs for one of them at a time. */
  constructor(
    private readonly during: During,
    private readonly atOnce: number,
    private readonly limit = MOST_BYTES,
  ) {}

  /** Bytes of the pyramids at hand. */
  get bytes(): number {
    return [...this.pyramids.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async tile(picture: PictureOf, request: TileRequest, context: CallContext<TileProgress>): Promise<Tile> {
    const finer = Math.min(request.level, columnLevelOf(request));
    if (finer >= FINEST_LEVEL) {
      const pyramid = this.pyramidOf(picture);
      this.practise(picture);
      if (finer >= pyramid.finest) return pyramid.tile(request, context);
    }
    return this.during(context.signal, (run) => run.submit("tile", () => ({ ...picture, request }), "interactive"));
  }

  parameters(
    picture: PictureOf,
    densities: readonly number[],
    request: ParameterRequest,
    outDtype: FloatDtype,
    signal: AbortSignal,
  ): Promise<ParameterBlock> {
    const job = { ...picture, densities: [...densities], request, outDtype };
    return this.during(signal, (run) => run.submit("parameters", () => job, "interactive"));
  }

  /** One pass over the tensor. */
  async magnitudes({ inputs }: Pick<PictureOf, "inputs">, signal: AbortSignal): Promise<MagnitudeCounts> {
    const { name, elements, wide } = inputs;
    const window = wide ? wideWindow([]) : wholeWindow(RANK_SHIFT);
    const items = segmentsOf(0, elements).map((stretch) => ({ inputs, stretch }));
    const jobs = batch(items, ({ stretch }) => bytesOfEntries(inputs, stretch.count));
    const windows = inputs.models.map(() => window);
    const counts = await this.during(signal, (run) => countWindows(jobs, windows, elements, run));
    return { tensor: name, elements, models: counts.map((own) => bucketsOf(own ?? [], window)) };
  }

  /**
   * Each worker draws a tile that nobody asked for, once, when it has nothing more urgent to do: the first one takes a
   * worker several times as long as those that follow, and a person who zooms in would wait for it.
   */
  private practise(picture: PictureOf): void {
    if (this.isPractised) return;
    this.isPractised = true;
    const request = { tensor: picture.inputs.name, level: FINEST_LEVEL - 1, row: 0, column: 0 };
    for (let worker = 0; worker < this.atOnce; worker++) {
      // Whatever is wrong is told to whoever asks for a tile.
      this.during(this.never, (run) => run.submit("tile", () => ({ ...picture, request }))).catch(() => undefined);
    }
  }

  private pyramidOf(picture: PictureOf): TensorPyramid {
    const key = JSON.stringify([picture.inputs.name, picture.rules, picture.zeroSign, picture.parameters]);
    let pyramid = this.pyramids.get(key);
    if (!pyramid) {
      const matrix = matrixShape(picture.inputs.shape);
      const models = picture.inputs.models.length;
      const finest = finestLevelWithin(this.limit * PYRAMID_SHARE, matrix, models);
      pyramid = new TensorPyramid(matrix, models, finest, this.atOnce, (into, region) =>
        this.during(this.never, (run) => {
          return run.submit("countRegion", () => ({ ...picture, pyramid: into, region }), "interactive");
        }),
      );
    }
    this.pyramids.delete(key);
    this.pyramids.set(key, pyramid);
    this.forgetOldest(key);
    return pyramid;
  }

  private forgetOldest(newest: string): void {
    for (const [key, pyramid] of this.pyramids) {
      if (this.bytes <= this.limit) return;
      if (key !== newest && !pyramid.isWanted) this.pyramids.delete(key);
    }
  }
}

/** The buckets that hold something. */
function bucketsOf(counts: ArrayLike<number>, window: MagnitudeWindow): MagnitudeCounts["models"][number] {
  const filled: number[] = [];
  for (let bucket = 0; bucket < countsLength(window) - 1; bucket++) if (counts[bucket] > 0) filled.push(bucket);
  return {
    lowest: Float64Array.from(filled, (bucket) => magnitudeAt(bucket, window)),
    highest: Float64Array.from(filled, (bucket) => magnitudeAt(bucket + 1, window)),
    counts: Float64Array.from(filled, (bucket) => counts[bucket]),
  };
}

/** The magnitude at which a bucket begins. */
function magnitudeAt(bucket: number, window: MagnitudeWindow): number {
  if (window.kind !== "wide") return magnitudeOfBits(bucket * 2 ** RANK_SHIFT);
  return magnitudeOfDigits([bucket, ...Array.from({ length: WIDE_DIGITS - 1 }, () => 0)]);
}
