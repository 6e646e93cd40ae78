/** One inspected merge set behind an inspector: the engine's inspection, opened when first needed and remembered. */
import type { InspectProgress, Inspection, OpenedInspection } from "../../protocol/engineApi";
import type { ChangedFile, CurvesRequest, StatisticsRequest, UsedSet } from "../../protocol/inspector";
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
import { InputWatch } from "./inputWatch";
import { Opening, type OnPreview } from "./opening";
import type { EngineKeeper, EngineLease } from "../engineKeeper";
import { changedSet, type ChangedSet } from "./changedSet";
import { StatisticsRun } from "./statisticsRun";

/** The set with changed settings that is in use. */
interface ChangedInspection {
  set: MergeSet;
  /** Which of the opened set's models it has. */
  members: number[];
  inspection: Promise<Inspection>;
  run: StatisticsRun | null;
  close(): void;
}

export class InspectorSession {
  private lease: EngineLease | null = null;
  private opening: Opening | null = null;
  /** Exact statistics of the set as it was opened, and of the changed one in use. */
  private run: StatisticsRun | null = null;
  private changed: ChangedInspection | null = null;
  private isDisposed = false;
  /** Of the files as they were when the set was first opened: an engine that dies and comes back changes nothing. */
  private watch: InputWatch | null = null;

  constructor(
    readonly set: MergeSet,
    private readonly keeper: EngineKeeper,
  ) {}

  /** Reads and checks the headers, once. `onPreview` takes what the base says if that is there before the rest. */
  open(onPreview?: OnPreview): Promise<Inspection> {
    this.opening ??= new Opening((take) => this.begin(take));
    return this.opening.join(onPreview);
  }

  /** The set whose settings are in use. */
  get used(): MergeSet {
    return this.changed?.set ?? this.set;
  }

  /** Statistics from the sample. Throws `merge-set-invalid` where the settings make no merge. */
  async sample({ settings, ...depth }: StatisticsRequest, { signal }: CallContext): Promise<SampledReport> {
    const { id, set } = await this.open();
    return this.unchanged(
      this.call((lease) => lease.api.sampledReport({ id, ...depth, ...changedSet(set, settings) }, { signal })),
    );
  }

  async curves({ settings, layer }: CurvesRequest, { signal }: CallContext): Promise<SampledCurves> {
    const { id, set } = await this.open();
    return this.unchanged(
      this.call((lease) => lease.api.sampledCurves({ id, layer, ...changedSet(set, settings) }, { signal })),
    );
  }

  /** Takes settings into use: what is exact or drawn is of them from now on. The sample stays that of the opened set. */
  async use(settings: InspectorSettings | null): Promise<UsedSet> {
    // Models that could not be opened are not in it.
    const { set: opened } = await this.open();
    const wanted = changedSet(opened, settings);
    if (JSON.stringify(wanted.set) === JSON.stringify(this.changed?.set ?? opened)) return wanted;
    // The changed set is opened anew: beside the opened one its files must be the same.
    await this.watch?.check(0);
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

  private openChanged({ set, members }: ChangedSet): ChangedInspection {
    const inspection = this.openInspection(set).then(({ files: _, ...rest }) => rest);
    const changed: ChangedInspection = {
      set,
      members,
      inspection,
      run: null,
      close: () => {
        changed.run?.stop();
        inspection.then(({ id }) => this.lease?.api.closeInspection({ id })).catch(() => undefined);
      },
    };
    return changed;
  }

  /** The inspection whose settings are in use, its models in the places that they were opened in. */
  async usedInspection(): Promise<Inspection> {
    const opened = await this.open();
    const { changed } = this;
    if (!changed) return opened;
    const places = changed.members.map((member) => opened.places?.[member] ?? member);
    return { ...(await changed.inspection), places };
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
    const report = await this.unchanged(run.join(context));
    // It took as long as it took: what it is of is what was opened only if nothing has changed until now.
    await this.watch?.check(0);
    return report;
  }

  /** Stops a computation of the statistics that nobody waits for any more. */
  stopUnwatched(): void {
    this.run?.stopUnwatched();
    this.changed?.run?.stopUnwatched();
  }

  async tile(request: TileRequest, { signal, progress }: CallContext<TileProgress>): Promise<Tile> {
    const id = await this.usedId();
    const tile = await this.unchanged(
      this.call((lease) => lease.api.tile({ id, ...request }, { signal, onProgress: progress })),
    );
    // The way to the page is long: nobody waits for it any more.
    if (signal.aborted) throw new MergeError("cancelled", { where: "" });
    return tile;
  }

  async magnitudes({ tensor }: { tensor: string }, { signal }: CallContext): Promise<MagnitudeCounts> {
    const id = await this.usedId();
    return this.unchanged(this.call((lease) => lease.api.magnitudes({ id, tensor }, { signal })));
  }

  async parameters(request: ParameterRequest, { signal }: CallContext): Promise<ParameterBlock> {
    const id = await this.usedId();
    return this.unchanged(this.call((lease) => lease.api.parameters({ id, ...request }, { signal })));
  }

  /** Files that are not what they were when the set was opened. */
  async changedFiles(): Promise<ChangedFile[]> {
    return (await this.watch?.changed()) ?? [];
  }

  /** The next `open` reads the files as they are then. */
  async reload(): Promise<void> {
    this.watch = null;
    await this.closeAll();
  }

  dispose(): void {
    this.isDisposed = true;
    void this.closeAll();
  }

  private async closeAll(): Promise<void> {
    this.run?.stop();
    this.changed?.run?.stop();
    const { lease, opening, changed } = this;
    this.forget();
    if (!lease) return;
    try {
      const inspection = await opening?.join();
      if (inspection) await lease.api.closeInspection({ id: inspection.id });
      if (changed) await lease.api.closeInspection({ id: (await changed.inspection).id });
    } catch {
      // An engine that has ended has nothing left to close.
    } finally {
      lease.release();
    }
  }

  /** What `work` gives, if the files are still those that were opened. */
  private async unchanged<T>(work: Promise<T>): Promise<T> {
    const { watch } = this;
    const looked = watch?.check();
    looked?.catch(() => undefined);
    try {
      const value = await work;
      await looked;
      return value;
    } catch (error) {
      // Whatever went wrong, a file that was replaced while it was read is why.
      if (toErrorData(error).code !== "cancelled") await watch?.check(0);
      throw error;
    }
  }

  private async begin(onPreview: OnPreview): Promise<Inspection> {
    if (this.isDisposed) throw new MergeError("cancelled", { where: "" });
    this.lease ??= this.keeper.acquire();
    try {
      const { files, ...inspection } = await this.openInspection(this.set, onPreview);
      this.watch ??= new InputWatch(files);
      return inspection;
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }

  private openInspection(set: MergeSet, onProgress?: OnPreview): Promise<OpenedInspection> {
    return this.call((lease) => lease.api.openInspection({ set, partly: true }, { onProgress }));
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
