/** The engine: everything the command line and the extension host ask for, over one pool of compute workers. */
import { availableParallelism } from "node:os";
import { kernelsName, type KernelsName } from "../engine/kernels/chooseKernels";
import { inputBytesPerElement, JOB_BYTES } from "../engine/plan/workPlan";
import { openCheckpoint } from "../io/openCheckpoint";
import type {
  CheckpointInfo,
  EngineApi,
  InspectionPreview,
  InspectProgress,
  MergePlanSummary,
  MergeProgress,
  MergeResult,
  OpenedInspection,
  VerifyResult,
} from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import type { MergeSet } from "../protocol/mergeSet";
import type { InterferenceReport } from "../protocol/report";
import type { CallContext } from "../protocol/rpc";
import type { SampledCurves, SampledReport } from "../protocol/sample";
import type { MagnitudeCounts, ParameterBlock, Tile, TileProgress } from "../protocol/tiles";
import { checkpointInfo } from "./checkpointInfo";
import { InspectionSession } from "./inspectionSession";
import { planMerge, runMerge } from "./mergeRun";
import { ComputePool } from "./pool";
import { pictureBytesWithin } from "./tensorPictures";
import { ReportCache } from "./reportCache";
import { openPartly, type PartlyOpened } from "./openPartly";
import { inputIdentity, prepareOpened, prepareSet, type EngineLimits, type PreparedSet } from "./preparedSet";
import { inputFiles } from "./inputFiles";
import { verifyCheckpoint } from "./verify";
import { sampledInspection } from "./sampledInspection";
import { inspectionPreview } from "./shownOrder";
import { workerScript } from "./workerScript";

/** More threads than this wait for the disk, not for the processor. */
const MAX_DEFAULT_THREADS = 8;
const DEFAULT_MEMORY_LIMIT = 2 ** 30;

export interface EngineOptions extends Partial<EngineLimits> {
  /** Start a worker at once: there will be work for it, and it takes as long to start as checkpoints to open. */
  startWorker?: boolean;
  /** Folder in which exact reports of inspections are remembered; without one they are not. */
  cacheFolder?: string;
}

/** The engine in this process. `close` ends its workers; calls that run reject. */
export interface Engine extends EngineApi {
  /** Those of this machine. */
  readonly kernels: KernelsName;
  close(): Promise<void>;
}

export function createEngine(options: EngineOptions = {}): Engine {
  const engine = new EngineService(
    {
      threads: options.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism()),
      memoryLimit: options.memoryLimit ?? DEFAULT_MEMORY_LIMIT,
    },
    options.cacheFolder === undefined ? null : new ReportCache(options.cacheFolder),
  );
  if (options.startWorker) engine.startWorker();
  return engine;
}

type Params<M extends keyof EngineApi> = Parameters<EngineApi[M]>[0];

class EngineService implements Engine {
  private readonly pool: ComputePool;
  private readonly inspections = new Map<number, InspectionSession>();
  private nextInspection = 1;
  /** Of files that workers may have open, as they were last. */
  private readonly stamps = new Map<string, string | null>();
  private planned: { key: string; files: string; prepared: PreparedSet } | null = null;

  constructor(
    private readonly limits: EngineLimits,
    private readonly cache: ReportCache | null,
  ) {
    this.pool = new ComputePool(limits.threads, workerScript("computeWorker"));
  }

  /** Found when asked for: to read a header it does not matter. */
  get kernels(): KernelsName {
    return kernelsName(process.env.TIES_MERGE_KERNELS);
  }

  async info({ path }: Params<"info">): Promise<CheckpointInfo> {
    return checkpointInfo(openCheckpoint(path));
  }

  async verify({ path }: Params<"verify">, context: CallContext<MergeProgress>): Promise<VerifyResult> {
    return verifyCheckpoint(openCheckpoint(path), this.pool, context);
  }

  async plan({ set, output, statistics = false }: Params<"plan">): Promise<MergePlanSummary> {
    return planMerge(this.prepare(set, statistics), output, this.limits.memoryLimit);
  }

  async merge({ set, output, statistics }: Params<"merge">, context: CallContext<MergeProgress>): Promise<MergeResult> {
    const prepared = this.prepare(set, statistics);
    planMerge(prepared, output, this.limits.memoryLimit);
    return runMerge(prepared, output, statistics, await this.poolFor(prepared), context);
  }

  async inspect(
    { set, sample }: Params<"inspect">,
    context: CallContext<InspectProgress>,
  ): Promise<InterferenceReport> {
    const prepared = prepareSet(set, this.limits, true);
    if (sample !== undefined) {
      const room = this.limits.memoryLimit - prepared.memory.estimate;
      return sampledInspection(prepared, await this.poolFor(prepared), sample, room, context);
    }
    return new InspectionSession(prepared, await this.poolFor(prepared)).report(context);
  }

  async openInspection(
    { set, partly = false }: Params<"openInspection">,
    { progress }: CallContext<InspectionPreview>,
  ): Promise<OpenedInspection> {
    const { prepared, opened } = this.prepareInspection(set, partly, progress);
    const pool = await this.poolFor(prepared);
    const id = this.nextInspection++;
    // The sample and the pyramids stay beside what a computation takes: half of the rest each.
    const rest = (this.limits.memoryLimit - prepared.memory.estimate) / 2;
    const session = new InspectionSession(prepared, pool, {
      sampleBytes: rest,
      pictureBytes: pictureBytesWithin(rest),
      remembered: this.cache?.entryFor(prepared) ?? null,
    });
    this.inspections.set(id, session);
    const places = opened && opened.places.length < set.models.length ? { places: opened.places } : {};
    return { id, ...session.summary(opened), ...places, files: inputFiles(prepared, opened) };
  }

  /** With `partly`, what cannot be prepared as it is is prepared without what is damaged or does not fit. */
  private prepareInspection(
    set: MergeSet,
    partly: boolean,
    onPreview: (preview: InspectionPreview) => void,
  ): { prepared: PreparedSet; opened?: PartlyOpened } {
    try {
      return { prepared: prepareSet(set, this.limits, true, (base) => onPreview(inspectionPreview(set, base))) };
    } catch (error) {
      if (!partly || !(error instanceof MergeError)) throw error;
      const opened = openPartly(set);
      return { prepared: prepareOpened(opened, this.limits, true), opened };
    }
  }

  async inspectionReport(
    { id }: Params<"inspectionReport">,
    context: CallContext<InspectProgress>,
  ): Promise<InterferenceReport> {
    return this.inspection(id).report(context);
  }

  async sampledReport({ id, ...request }: Params<"sampledReport">, context: CallContext): Promise<SampledReport> {
    return this.inspection(id).sample.report(request, context);
  }

  async sampledCurves({ id, ...request }: Params<"sampledCurves">, context: CallContext): Promise<SampledCurves> {
    return this.inspection(id).sample.curves(request, context);
  }

  async tile({ id, ...request }: Params<"tile">, context: CallContext<TileProgress>): Promise<Tile> {
    return this.inspection(id).tile(request, context);
  }

  async parameters({ id, ...request }: Params<"parameters">, context: CallContext): Promise<ParameterBlock> {
    return this.inspection(id).parameters(request, context);
  }

  async magnitudes({ id, tensor }: Params<"magnitudes">, context: CallContext): Promise<MagnitudeCounts> {
    return this.inspection(id).magnitudes(tensor, context);
  }

  async closeInspection({ id }: Params<"closeInspection">): Promise<void> {
    this.inspections.get(id)?.close();
    this.inspections.delete(id);
  }

  async close(): Promise<void> {
    for (const session of this.inspections.values()) session.close();
    this.inspections.clear();
    await this.pool.close();
  }

  /** The pool with as many workers as the memory plan allows and the work needs, on their way. */
  private async poolFor(prepared: PreparedSet): Promise<ComputePool> {
    const { memory, tensors } = prepared;
    this.pool.size = memory.threads;
    await this.releaseChanged(prepared);
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.elements * inputBytesPerElement(tensor), 0);
    this.pool.warm(Math.ceil(bytes / JOB_BYTES));
    return this.pool;
  }

  /** Workers keep files open: of one that was replaced they would go on to read what it was. */
  private async releaseChanged(prepared: PreparedSet): Promise<void> {
    const files = inputFiles(prepared);
    const changed = files.some(({ path, stamp }) => (this.stamps.get(path) ?? stamp) !== stamp);
    for (const { path, stamp } of files) this.stamps.set(path, stamp);
    if (changed) await this.pool.onAll("release", null);
  }

  startWorker(): void {
    this.pool.warm(1);
  }

  /** A merge comes after its plan: what that has opened is not opened again, unless a file has changed. */
  private prepare(set: MergeSet, statistics: boolean): PreparedSet {
    const key = JSON.stringify([set, statistics]);
    const { planned } = this;
    if (planned?.key === key && planned.files === JSON.stringify(inputIdentity(planned.prepared))) {
      return planned.prepared;
    }
    const prepared = prepareSet(set, this.limits, statistics);
    this.planned = { key, files: JSON.stringify(inputIdentity(prepared)), prepared };
    return prepared;
  }

  private inspection(id: number): InspectionSession {
    const session = this.inspections.get(id);
    if (!session) throw new MergeError("inspection-closed", { where: "" });
    return session;
  }
}
