/** What the panel does: greets the host, opens the set, gathers its statistics, runs commands, keeps the view. */
import type { InspectProgress } from "../../src/protocol/engineApi";
import type { PictureFile, ReportFormat } from "../../src/protocol/inspector";
import type { TensorStatistics } from "../../src/protocol/report";
import { PictureShelf } from "../export/pictureShelf";
import type { WebviewHost } from "../rpc/hostConnection";
import { HostConnection, HostSilent, VersionMismatch } from "../rpc/hostConnection";
import { isCancelled } from "../text/describe";
import { setTranslations } from "../text/translate";
import type { InspectorState, TensorEntry } from "./inspectorState";
import { INITIAL_STATE } from "./inspectorState";
import { Store } from "./store";
import type { ViewState } from "./viewState";
import { readViewState } from "./viewState";

/** Rows are shown in batches: a small model would otherwise re-sort the table hundreds of times a second. */
const ROW_BATCH_MS = 100;
/** The view is saved once it rests. */
const SAVE_DELAY_MS = 200;

export type Command = "merge" | "showLog";

export class Session {
  readonly store = new Store<InspectorState>(INITIAL_STATE);
  /** Pictures that the views offer for saving. */
  readonly pictures = new PictureShelf();
  private readonly connection: HostConnection;
  private arrived: TensorStatistics[] = [];
  private rowTimer: ReturnType<typeof setTimeout> | undefined;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: WebviewHost,
    source: Window,
    /** What the host needs to open this set again: handed back to it through the saved state. */
    private readonly panel: string | null,
  ) {
    this.connection = new HostConnection(host, source);
    this.store.update({ view: readViewState(host.getState()) });
    source.addEventListener("pagehide", () => this.save());
  }

  get api(): HostConnection["api"] {
    return this.connection.api;
  }

  get state(): Readonly<InspectorState> {
    return this.store.state;
  }

  async start(): Promise<void> {
    this.store.update({ connection: { kind: "connecting" } });
    try {
      const welcome = await this.connection.connect();
      setTranslations(welcome.strings);
      this.store.update({ report: welcome.report ?? null });
      document.documentElement.lang = welcome.language;
    } catch (error) {
      if (error instanceof VersionMismatch) {
        this.store.update({ connection: { kind: "mismatch", hostVersion: error.hostVersion } });
      } else if (error instanceof HostSilent) this.store.update({ connection: { kind: "silent" } });
      else this.store.update({ connection: { kind: "failed", error } });
      return;
    }
    this.save();
    await this.open();
  }

  async open(): Promise<void> {
    this.store.update({ connection: { kind: "opening" } });
    try {
      const opened = await this.api.open(null);
      const { tensor } = this.state.view;
      const known = [...opened.tensors, ...(opened.brokenTensors ?? [])].some(({ name }) => name === tensor);
      this.store.update({ connection: { kind: "open" }, opened });
      if (!known) this.setView({ tensor: null, viewport: null, pinned: null });
    } catch (error) {
      this.store.update({ connection: { kind: "failed", error } });
      return;
    }
    await this.gatherStatistics();
  }

  async gatherStatistics(): Promise<void> {
    this.store.update({ phase: { kind: "computing", share: 0, tensor: "" } });
    try {
      const report = await this.api.statistics(null, { onProgress: (progress) => this.takeProgress(progress) });
      this.flushRows();
      this.store.update({
        phase: { kind: "exact" },
        rows: new Map(report.tensors.map((row) => [row.name, row])),
        groups: new Map(report.groups.map((group) => [group.name, group])),
        totals: report.totals,
      });
    } catch (error) {
      this.flushRows();
      this.store.update({ phase: { kind: "failed", error } });
    }
  }

  run(command: Command): Promise<void> {
    return this.attempt(() => this.api[command](null));
  }

  exportReport(format: ReportFormat): Promise<void> {
    return this.attempt(() => this.api.exportReport({ format }));
  }

  /** Saves what `draw` makes. */
  savePicture(draw: () => Promise<PictureFile>): Promise<void> {
    return this.attempt(async () => this.api.savePicture(await draw()));
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.store.update({ commandFailure: null });
    try {
      await work();
    } catch (error) {
      if (isCancelled(error)) return;
      this.store.update({ commandFailure: { error, retry: () => void this.attempt(work) } });
    }
  }

  dismissFailure(): void {
    this.store.update({ commandFailure: null });
  }

  setView(change: Partial<ViewState>): void {
    this.store.update({ view: { ...this.state.view, ...change } });
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => this.save(), SAVE_DELAY_MS);
  }

  chooseTensor(tensor: TensorEntry | null): void {
    if (tensor?.name === this.state.view.tensor) return;
    this.setView({ tensor: tensor?.name ?? null, viewport: null, pinned: null });
  }

  /** Shows the tensor's pictures, wherever one is. */
  openTensor(tensor: TensorEntry | null): void {
    this.chooseTensor(tensor);
    if (tensor) this.setView({ tab: "tensors" });
  }

  private save(): void {
    clearTimeout(this.saveTimer);
    this.host.setState({ ...this.state.view, ...(this.panel === null ? {} : { panel: this.panel }) });
  }

  private takeProgress({ done, total, tensor, rows }: InspectProgress): void {
    this.arrived.push(...rows);
    const share = total > 0 ? done / total : 0;
    this.rowTimer ??= setTimeout(() => {
      this.flushRows();
      this.store.update({ phase: { kind: "computing", share, tensor } });
    }, ROW_BATCH_MS);
  }

  private flushRows(): void {
    clearTimeout(this.rowTimer);
    this.rowTimer = undefined;
    if (this.arrived.length === 0) return;
    const rows = new Map(this.state.rows);
    for (const row of this.arrived) rows.set(row.name, row);
    this.arrived = [];
    this.store.update({ rows });
  }
}
