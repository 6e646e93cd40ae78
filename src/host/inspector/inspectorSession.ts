/** One inspected merge set behind an inspector: the engine's inspection, opened when first needed and remembered. */
import type { InspectProgress, Inspection } from "../../protocol/engineApi";
import { MergeError, toErrorData } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import type { InterferenceReport } from "../../protocol/report";
import type { CallContext } from "../../protocol/rpc";
import type { ParameterBlock, ParameterRequest, Tile, TileRequest } from "../../protocol/tiles";
import type { EngineKeeper, EngineLease } from "../engineKeeper";
import { StatisticsRun } from "./statisticsRun";

export class InspectorSession {
  private lease: EngineLease | null = null;
  private opening: Promise<Inspection> | null = null;
  private run: StatisticsRun | null = null;
  private isDisposed = false;

  constructor(
    readonly set: MergeSet,
    private readonly keeper: EngineKeeper,
  ) {}

  /** Reads and checks the headers, once. */
  open(): Promise<Inspection> {
    this.opening ??= this.begin();
    return this.opening;
  }

  /** The exact statistics. Whoever joins a computation under way first gets the rows it already has. */
  async statistics(context: CallContext<InspectProgress>): Promise<InterferenceReport> {
    const { id } = await this.open();
    if (!this.run || this.run.hasFailed) {
      this.run = new StatisticsRun((options) => this.call((lease) => lease.api.inspectionReport({ id }, options)));
    }
    return this.run.join(context);
  }

  /** Stops a computation of the statistics that nobody waits for any more. */
  stopUnwatched(): void {
    this.run?.stopUnwatched();
  }

  async tile(request: TileRequest, { signal }: CallContext): Promise<Tile> {
    const { id } = await this.open();
    return this.call((lease) => lease.api.tile({ id, ...request }, { signal }));
  }

  async parameters(request: ParameterRequest, { signal }: CallContext): Promise<ParameterBlock> {
    const { id } = await this.open();
    return this.call((lease) => lease.api.parameters({ id, ...request }, { signal }));
  }

  dispose(): void {
    this.isDisposed = true;
    this.run?.stop();
    const { lease, opening } = this;
    this.forget();
    if (!lease) return;
    const close = async (): Promise<void> => {
      const inspection = await opening;
      if (inspection) await lease.api.closeInspection({ id: inspection.id });
    };
    // An engine that has ended has nothing left to close.
    close()
      .catch(() => undefined)
      .finally(() => lease.release());
  }

  private async begin(): Promise<Inspection> {
    if (this.isDisposed) throw new MergeError("cancelled", { where: "" });
    this.lease ??= this.keeper.acquire();
    try {
      return await this.call((lease) => lease.api.openInspection({ set: this.set, partly: true }));
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }

  private async call<T>(work: (lease: EngineLease) => Promise<T>): Promise<T> {
    const { lease } = this;
    if (!lease) throw new MergeError("cancelled", { where: "" });
    try {
      return await work(lease);
    } catch (error) {
      // The inspection has died with its engine: the next call opens it anew.
      if (toErrorData(error).code === "worker-died" && this.lease === lease) {
        this.forget();
        lease.release();
      }
      throw error;
    }
  }

  private forget(): void {
    this.lease = null;
    this.opening = null;
    this.run = null;
  }
}
