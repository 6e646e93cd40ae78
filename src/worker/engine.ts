/** The engine: everything the command line and the extension host ask for, over one pool of compute workers. */
import { availableParallelism } from "node:os";
import { JOB_ELEMENTS } from "../engine/plan/workPlan";
import { openCheckpoint } from "../io/openCheckpoint";
import type {
  CheckpointInfo,
  EngineApi,
  Inspection,
  InspectProgress,
  MergePlanSummary,
  MergeProgress,
  MergeResult,
  VerifyResult,
} from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import type { MergeSet } from "../protocol/mergeSet";
import type { InterferenceReport } from "../protocol/report";
import type { CallContext } from "../protocol/rpc";
import type { ParameterBlock, Tile } from "../protocol/tiles";
import { checkpointInfo } from "./checkpointInfo";
import { InspectionSession } from "./inspectionSession";
import { planMerge, runMerge } from "./mergeRun";
import { ComputePool } from "./pool";
import { prepareSet, type EngineLimits, type PreparedSet } from "./preparedSet";
import { verifyCheckpoint } from "./verify";
import { workerScript } from "./workerScript";

/** More threads than this wait for the disk, not for the processor. */
const MAX_DEFAULT_THREADS = 8;
const DEFAULT_MEMORY_LIMIT = 2 ** 30;

export type EngineOptions = Partial<EngineLimits>;

/** The engine in this process. `close` ends its workers; calls that run reject. */
export type Engine = EngineApi & { close(): Promise<void> };

export function createEngine(options: EngineOptions = {}): Engine {
  return new EngineService({
    threads: options.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism()),
    memoryLimit: options.memoryLimit ?? DEFAULT_MEMORY_LIMIT,
  });
}

type Params<M extends keyof EngineApi> = Parameters<EngineApi[M]>[0];

class EngineService implements Engine {
  private readonly pool: ComputePool;
  private readonly inspections = new Map<number, InspectionSession>();
  private nextInspection = 1;

  constructor(private readonly limits: EngineLimits) {
    this.pool = new ComputePool(limits.threads, workerScript("computeWorker"));
  }

  async info({ path }: Params<"info">): Promise<CheckpointInfo> {
    return checkpointInfo(openCheckpoint(path));
  }

  async verify({ path }: Params<"verify">, context: CallContext<MergeProgress>): Promise<VerifyResult> {
    return verifyCheckpoint(openCheckpoint(path), this.pool, context);
  }

  async plan({ set, output, statistics = false }: Params<"plan">): Promise<MergePlanSummary> {
    return planMerge(prepareSet(set, this.limits, statistics), output, this.limits.memoryLimit);
  }

  async merge({ set, output, statistics }: Params<"merge">, context: CallContext<MergeProgress>): Promise<MergeResult> {
    const prepared = prepareSet(set, this.limits, statistics);
    planMerge(prepared, output, this.limits.memoryLimit);
    return runMerge(prepared, output, statistics, this.poolFor(prepared), context);
  }

  async inspect({ set }: Params<"inspect">, context: CallContext<InspectProgress>): Promise<InterferenceReport> {
    const prepared = prepareSet(set, this.limits, true);
    return new InspectionSession(prepared, this.poolFor(prepared)).report(context);
  }

  async openInspection({ set }: Params<"openInspection">): Promise<Inspection> {
    const prepared = prepareSet(averageOf(set), this.limits, true);
    const id = this.nextInspection++;
    const session = new InspectionSession(prepared, this.poolFor(prepared));
    this.inspections.set(id, session);
    return { id, ...session.summary() };
  }

  async inspectionReport(
    { id }: Params<"inspectionReport">,
    context: CallContext<InspectProgress>,
  ): Promise<InterferenceReport> {
    return this.inspection(id).report(context);
  }

  async tile({ id, ...request }: Params<"tile">, context: CallContext): Promise<Tile> {
    return this.inspection(id).tile(request, context);
  }

  async parameters({ id, ...request }: Params<"parameters">, context: CallContext): Promise<ParameterBlock> {
    return this.inspection(id).parameters(request, context);
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
  private poolFor({ memory, tensors }: PreparedSet): ComputePool {
    this.pool.size = memory.threads;
    this.pool.warm(Math.ceil(tensors.reduce((sum, { elements }) => sum + elements, 0) / JOB_ELEMENTS));
    return this.pool;
  }

  private inspection(id: number): InspectionSession {
    const session = this.inspections.get(id);
    if (!session) throw new MergeError("inspection-closed", { where: "" });
    return session;
  }
}

/**
 * Pictures are made entry by entry from base and models alone. Sets that weigh with more are inspected as the average
 * of their models, and called that: interference is the same.
 */
const averageOf = (set: MergeSet): MergeSet =>
  set.method === "fisher" || set.method === "regmean" ? { ...set, method: "linear", normalize: true } : set;
