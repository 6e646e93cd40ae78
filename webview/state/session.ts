/** What the panel does: greets the host, opens the set, gathers its statistics, runs commands, keeps the view. */
import type { InspectionPreview, InspectProgress } from "../../src/protocol/engineApi";
import type { PictureFile, ReportFormat, StatisticsRequest } from "../../src/protocol/inspector";
import type { TensorStatistics } from "../../src/protocol/report";
import type { InspectorSettings } from "../../src/protocol/settings";
import { settingsOf } from "../../src/protocol/settings";
import { PictureShelf } from "../export/pictureShelf";
import type { WebviewHost } from "../rpc/hostConnection";
import { HostConnection, HostSilent, VersionMismatch } from "../rpc/hostConnection";
import { isCancelled } from "../text/describe";
import { setTranslations } from "../text/translate";
import { CurvesLoader } from "./curvesLoader";
import { FigureDetails } from "./figureDetails";
import { FileWatch } from "./fileWatch";
import type { InspectorState, OpenedSet, TensorEntry } from "./inspectorState";
import { INITIAL_STATE, NOTHING_KNOWN } from "./inspectorState";
import { LatestOnly } from "./latestOnly";
import type { SampledRows } from "./sampledStatistics";
import { membersOf, SampleIndex, sampledRows, spreadModels } from "./sampledStatistics";
import type { ExactStatistics } from "./shownStatistics";
import { noneExact, settingsKey, ShownStatistics } from "./shownStatistics";
import { shownOpened, shownPreview, shownUsed } from "./shownSet";
import { Store } from "./store";
import { TensorList } from "./tensorList";
import type { ViewState } from "./viewState";
import { readViewState } from "./viewState";

/** Rows are shown in batches: a small model would otherwise re-sort the table hundreds of times a second. */
const ROW_BATCH_MS = 100;
/** The view is saved once it rests. */
const SAVE_DELAY_MS = 200;
/** So long the exact pass waits for the first estimate. */
const FIRST_MS = 3000;
/** Up to this many tensors the rows of all of them come with every estimate. */
const FEW_TENSORS = 1500;
/** The pictures of a tensor, which need thresholds from all of the files, follow later. */
const USE_DELAY_MS = 600;

export type Command = "merge" | "showLog";

export class Session {
  readonly store = new Store<InspectorState>(INITIAL_STATE);
  /** Pictures that the views offer for saving. */
  readonly pictures = new PictureShelf();
  private readonly connection: HostConnection;
  private readonly files: FileWatch;
  private readonly curves = new CurvesLoader(this.store, () => this.api);
  private arrived: TensorStatistics[] = [];
  private rowTimer: ReturnType<typeof setTimeout> | undefined;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private useTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly details = new FigureDetails();
  private readonly tensors = new TensorList();
  private sampleIndex: SampleIndex | null = null;
  private exact: ExactStatistics = noneExact(null);
  /** Those that are complete, by their settings. */
  private readonly known = new Map<string, ExactStatistics>();
  private readonly statistics = new ShownStatistics();
  private sampled: { settings: string; rows: SampledRows } | null = null;
  private readonly samples = new LatestOnly<InspectorSettings | null>((settings) => this.takeSample(settings));

  constructor(
    private readonly host: WebviewHost,
    source: Window,
    /** What the host needs to open this set again: handed back to it through the saved state. */
    private readonly panel: string | null,
  ) {
    this.connection = new HostConnection(host, source, (error) => this.files.onFailure(error));
    this.files = new FileWatch(this.store, () => this.api, source);
    this.store.update({ view: readViewState(host.getState()) });
    source.addEventListener("pagehide", () => this.save());
  }

  get api(): HostConnection["api"] {
    return this.connection.api;
  }

  get state(): Readonly<InspectorState> {
    return this.store.state;
  }

  /** The set that tiles and parameters are of: its settings and models may be others than those opened. */
  get pictured(): OpenedSet | null {
    const { opened, used } = this.state;
    return opened && used ? { ...opened, set: used.set } : opened;
  }

  /** Which of the opened set's models it has. */
  get picturedMembers(): readonly number[] {
    const { opened, used } = this.state;
    return used?.members ?? opened?.set.models.map((_, index) => index) ?? [];
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
    if (!this.state.report) this.files.start();
    await this.open();
  }

  async open(): Promise<void> {
    this.store.update({ connection: { kind: "opening" }, opened: null });
    const onProgress = (preview: InspectionPreview): void =>
      this.store.update({ opened: shownPreview(preview, this.tensors) });
    try {
      const opened = shownOpened(await this.api.open(null, { onProgress }), this.tensors);
      const { tensor } = this.state.view;
      const known = [...opened.tensors, ...(opened.brokenTensors ?? [])].some(({ name }) => name === tensor);
      this.sampleIndex = null;
      this.store.update({ connection: { kind: "open" }, opened });
      if (!known) this.setView({ tensor: null, viewport: null, pinned: null });
    } catch (error) {
      this.store.update({ connection: { kind: "failed", error } });
      return;
    }
    const models = this.state.opened?.set.models.length;
    const fits = (settings: InspectorSettings | null): boolean => settings?.models.length === models;
    if (!fits(this.state.view.settings)) this.setView({ settings: null });
    if (!fits(this.state.view.used)) this.setView({ used: null });
    if (this.state.view.used !== null) await this.use(this.state.view.used).catch(() => this.setView({ used: null }));
    this.exact = noneExact(this.state.view.used);
    // A report in a file holds exact figures alone.
    if (!this.state.report && this.state.opened) {
      // The pass over all files would only take processors away from what is there first, with its margins.
      const first = this.samples.ask(this.state.view.settings).then(() => this.details.margins);
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, FIRST_MS))]);
    }
    await this.gatherStatistics();
  }

  /** Exact statistics of the settings in use. */
  async gatherStatistics(): Promise<void> {
    const { exact } = this;
    const { opened, view } = this.state;
    const [members, all] = opened ? [membersOf(opened, view.used), opened.set.models.length] : [[], 0];
    const isCurrent = (): boolean => this.exact.settings === exact.settings;
    this.store.update({ phase: { kind: "computing", share: 0, tensor: "" } });
    try {
      const report = await this.api.statistics(null, {
        onProgress: (progress) => isCurrent() && this.takeProgress(progress, members, all),
      });
      if (!isCurrent()) return;
      this.flushRows();
      this.exact = {
        settings: exact.settings,
        rows: new Map(report.tensors.map((row) => [row.name, spreadModels(row, members, all)])),
        groups: new Map(report.groups.map((group) => [group.name, spreadModels(group, members, all)])),
        totals: spreadModels(report.totals, members, all),
      };
      this.known.set(exact.settings, this.exact);
      this.store.update({ phase: { kind: "exact" }, ...this.shown() });
    } catch (error) {
      if (!isCurrent()) return;
      this.flushRows();
      this.store.update({ phase: isCancelled(error) ? { kind: "idle" } : { kind: "failed", error } });
    }
  }

  /** Shows what other settings would do, from the sample; null: as the set was opened. */
  changeSettings(settings: InspectorSettings | null): void {
    const { opened } = this.state;
    // Back at what was opened is as opened.
    const same = opened && !opened.set.slices && settingsKey(settings) === settingsKey(settingsOf(opened.set));
    this.setView({ settings: same ? null : settings });
    this.store.update(this.shown());
    // What is waited for is asked for before the rest is told to stop.
    void this.samples.ask(this.state.view.settings);
    this.details.stop();
    this.curves.stop();
    clearTimeout(this.useTimer);
    if (this.state.view.tab === "tensors" && this.state.view.tensor !== null) this.useSoon();
  }

  /** Reads the files as they are now: nothing that was known of them holds. */
  reload(): Promise<void> {
    return this.attempt(async () => {
      await this.api.reload(null);
      this.details.stop();
      this.known.clear();
      this.sampled = null;
      this.arrived = [];
      this.exact = noneExact(this.state.view.settings);
      this.store.update(NOTHING_KNOWN);
      await this.open();
    });
  }

  /** Counts over all entries for the settings shown. */
  recomputeExactly(): Promise<void> {
    return this.attempt(async () => {
      await this.useShown();
      await this.gatherStatistics();
    });
  }

  /** Whether the host works with the settings shown. */
  get isInUse(): boolean {
    return settingsKey(this.state.view.settings) === settingsKey(this.state.view.used);
  }

  /** Curves of the settings shown, for the chosen layer; asked for by whoever shows them. */
  readonly wantCurves = (again = false): void => this.curves.want(again);

  run(command: Command): Promise<void> {
    return this.attempt(async () => {
      if (command !== "showLog") await this.useShown();
      await this.api[command](null);
    });
  }

  /** The report of the settings shown. */
  exportReport(format: ReportFormat): Promise<void> {
    return this.attempt(async () => {
      await this.useShown();
      await this.api.exportReport({ format });
    });
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
    if (change.tab === "tensors") this.details.wantRows();
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => this.save(), SAVE_DELAY_MS);
  }

  chooseTensor(tensor: TensorEntry | null): void {
    if (tensor?.name === this.state.view.tensor) return;
    this.setView({ tensor: tensor?.name ?? null, viewport: null, pinned: null });
    if (tensor && !this.isInUse) this.useSoon();
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

  private useSoon(): void {
    clearTimeout(this.useTimer);
    this.useTimer = setTimeout(() => void this.attempt(() => this.useShown()), USE_DELAY_MS);
  }

  private useShown(): Promise<void> {
    return this.use(this.state.view.settings);
  }

  /** Tells the host to work with these settings; what is exact is of them from now on. */
  private async use(settings: InspectorSettings | null): Promise<void> {
    if (settingsKey(settings) === settingsKey(this.state.view.used) && (settings === null || this.state.used)) return;
    const { opened } = this.state;
    if (!opened) return;
    const { set, members } = await this.api.use(settings);
    const used = { set: shownUsed(set, members, opened), members };
    this.exact = noneExact(settings);
    this.arrived = [];
    this.setView({ used: settings });
    this.store.update({ used: settings === null ? null : used, phase: { kind: "idle" }, ...this.shown() });
  }

  private async takeSample(settings: InspectorSettings | null): Promise<void> {
    const { opened, connection } = this.state;
    // The models may turn out to be fewer: it is asked for when they are opened.
    if (!opened || connection.kind !== "open") return;
    if (!this.sampled) this.store.update({ sample: { kind: "reading" } });
    const tensors = opened.tensors.length <= FEW_TENSORS;
    const isDone = await this.estimate({ settings, tensors, margins: false }, opened);
    // Settings that have moved on get no details.
    if (isDone || settingsKey(settings) !== settingsKey(this.state.view.settings)) return;
    this.details.follow({
      withRows: () => tensors || this.state.view.tab === "tensors",
      ask: (rows, signal) => this.estimate({ settings, tensors: rows, margins: true }, opened, signal),
      areKnown: () => this.known.has(settingsKey(settings)),
    });
  }

  /** @returns whether nothing more can be said, or nothing at all. */
  private async estimate(request: StatisticsRequest, opened: OpenedSet, signal?: AbortSignal): Promise<boolean> {
    const { settings } = request;
    try {
      const report = await this.api.sample(request, signal && { signal });
      if (signal?.aborted) return true;
      this.sampleIndex ??= new SampleIndex(opened);
      const rows = sampledRows(report, opened, this.sampleIndex, membersOf(opened, settings));
      this.sampled = { settings: settingsKey(settings), rows };
      this.store.update({ sample: { kind: "ready", facts: rows.facts }, ...this.shown() });
      return rows.facts.isExact && request.tensors;
    } catch (error) {
      if (signal?.aborted) return true;
      this.sampled = null;
      if (!isCancelled(error)) this.store.update({ sample: { kind: "failed", error }, ...this.shown() });
      return true;
    }
  }

  private shown(): ReturnType<ShownStatistics["of"]> {
    const { settings } = this.state.view;
    const key = settingsKey(settings);
    const exact = this.known.get(key) ?? this.exact;
    // Figures of other settings stand until those of these come, but not beside them.
    const isStale = this.sampled?.settings !== key;
    const sample = isStale && exact.settings === key ? null : (this.sampled?.rows ?? null);
    return this.statistics.of(settings, exact, sample, this.sampleIndex);
  }

  private takeProgress({ done, total, tensor, rows }: InspectProgress, members: readonly number[], all: number): void {
    this.arrived.push(...rows.map((row) => spreadModels(row, members, all)));
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
    const rows = new Map(this.exact.rows);
    for (const row of this.arrived) rows.set(row.name, row);
    this.arrived = [];
    this.exact = { ...this.exact, rows };
    this.store.update(this.shown());
  }
}
