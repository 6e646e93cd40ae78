/** One inspected merge set behind an inspector: the engine's inspection, opened when first needed and remembered. */
import type { InspectProgress, Inspection } from "../../protocol/engineApi";
import type { CurvesRequest, StatisticsRequest, UsedSet } from "../../protocol/inspector";
import { MergeError, toErrorData } from "../../protocol/errors";
import type { MergeSet } from "../../protocol/mergeSet";
import type { InterferenceReport } from "../../protocol/report";
import type { CallContext } from "../../protocol/rpc";
import type { SampledCurves, SampledReport } from "../../protocol/sample";
import type { InspectorSettings } from "../../protocol/settings";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  Tile,
  TileProgress,
  TileRequest,
} from "../../protocol/tiles";
import type { EngineKeeper, EngineLease } from "../engineKeeper";
import { changedSet, type ChangedSet } from "./changedSet";
import { StatisticsRun } from "./statisticsRun";

/** The set with changed settings that is in use. */
interface ChangedInspection {
  set: MergeSet;
  inspection: Promise<Inspection>;
  run: StatisticsRun | null;
  close(): void;
}

export class InspectorSession {
  private lease: EngineLease | null = null;
  private opening: Promise<Inspection> | null = null;
  /** Exact statistics of the set as it was opened, and of the changed one in use. */
  private run: StatisticsRun | null = null;
  private changed: ChangedInspection | null = null;
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

  /** The set whose settings are in use. */
  get used(): MergeSet {
    return this.changed?.set ?? this.set;
  }

  /** Statistics from the sample. Throws `merge-set-invalid` where the settings make no merge. */
  async sample({ settings, ...depth }: StatisticsRequest, { signal }: CallContext): Promise<SampledReport> {
    const { id, set } = await this.open();
    return this.call((lease) => lease.api.sampledReport({ id, ...depth, ...changedSet(set, settings) }, { signal }));
  }

  async curves({ settings, layer }: CurvesRequest, { signal }: CallContext): Promise<SampledCurves> {
    const { id, set } = await this.open();
    return this.call((lease) => lease.api.sampledCurves({ id, layer, ...changedSet(set, settings) }, { signal }));
  }

  /** Takes settings into use: what is exact or drawn is of them from now on. The sample stays that of the opened set. */
  async use(settings: InspectorSettings | null): Promise<UsedSet> {
    // Models that could not be opened are not in it.
    const { set: opened } = await this.open();
    const wanted = changedSet(opened, settings);
    if (JSON.stringify(wanted.set) === JSON.stringify(this.changed?.set ?? opened)) return wanted;
    const before = this.changed;
    this.changed = null;
    before?.close();
    if (JSON.stringify(wanted.set) !== JSON.stringify(opened)) {
      // What runs for other settings would only be in the way.
      this.run?.stop();
      const changed = this.openChanged(wanted);
      this.changed = changed;
      try {
        await changed.inspection;
      } catch (error) {
        if (this.changed === changed) this.changed = null;
        throw error;
      }
    }
    return wanted;
  }

  private openChanged({ set }: ChangedSet): ChangedInspection {
    const inspection = this.call((lease) => lease.api.openInspection({ set, partly: true }));
    const changed: ChangedInspection = {
      set,
      inspection,
      run: null,
      close: () => {
        changed.run?.stop();
        inspection.then(({ id }) => this.lease?.api.closeInspection({ id })).catch(() => undefined);
      },
    };
    return changed;
  }

  /** The inspection whose settings are in use. */
  async usedInspection(): Promise<Inspection> {
    const opened = await this.open();
    return this.changed ? this.changed.inspection : opened;
  }

  private async usedId(): Promise<number> {
    return (await this.usedInspection()).id;
  }

  /** The exact statistics. Whoever joins a computation under way first gets the rows it already has. */
  async statistics(context: CallContext<InspectProgress>): Promise<InterferenceReport> {
    const id = await this.usedId();
    const start = (): StatisticsRun =>
      new StatisticsRun((options) => this.call((lease) => lease.api.inspectionReport({ id }, options)));
    const { changed } = this;
    const known = changed ? changed.run : this.run;
    const run = known && !known.hasFailed ? known : start();
    if (changed) changed.run = run;
    else this.run = run;
    return run.join(context);
  }

  /** Stops a computation of the statistics that nobody waits for any more. */
  stopUnwatched(): void {
    this.run?.stopUnwatched();
    this.changed?.run?.stopUnwatched();
  }

  async tile(request: TileRequest, { signal, progress }: CallContext<TileProgress>): Promise<Tile> {
    const id = await this.usedId();
    return this.call((lease) => lease.api.tile({ id, ...request }, { signal, onProgress: progress }));
  }

  async magnitudes({ tensor }: { tensor: string }, { signal }: CallContext): Promise<MagnitudeCounts> {
    const id = await this.usedId();
    return this.call((lease) => lease.api.magnitudes({ id, tensor }, { signal }));
  }

  async parameters(request: ParameterRequest, { signal }: CallContext): Promise<ParameterBlock> {
    const id = await this.usedId();
    return this.call((lease) => lease.api.parameters({ id, ...request }, { signal }));
  }

  dispose(): void {
    this.isDisposed = true;
    this.run?.stop();
    this.changed?.run?.stop();
    const { lease, opening, changed } = this;
    this.forget();
    if (!lease) return;
    const close = async (): Promise<void> => {
      const inspection = await opening;
      if (inspection) await lease.api.closeInspection({ id: inspection.id });
      if (changed) await lease.api.closeInspection({ id: (await changed.inspection).id });
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
    this.changed = null;
  }
}
