/** All open inspectors, one a merge set, and those that the editor restores after a restart. */
import { setTimeout } from "node:timers/promises";
import * as vscode from "vscode";
import type { MergeSet } from "../../protocol/mergeSet";
import type { EngineKeeper } from "../engineKeeper";
import { InspectorPanel } from "./inspectorPanel";
import { InspectorSession } from "./inspectorSession";
import { SetStore } from "./setStore";

export const INSPECTOR_VIEW_TYPE = "tiesMerge.inspector";

/** Headers of most sets are read within this time. */
const SOON_MS = 250;

export interface PanelsOptions {
  context: vscode.ExtensionContext;
  keeper: EngineKeeper;
  log: vscode.LogOutputChannel;
  merge(set: MergeSet): Promise<void>;
}

export class InspectorPanels implements vscode.WebviewPanelSerializer {
  private readonly panels = new Map<string, InspectorPanel>();
  private readonly store: SetStore;

  constructor(private readonly options: PanelsOptions) {
    this.store = new SetStore(options.context.workspaceState);
  }

  /** Shows the inspector of `set`. Rejects, without a panel, when its headers cannot be read or do not match. */
  async open(set: MergeSet): Promise<void> {
    const panelId = await this.store.keep(set);
    if (this.revealed(panelId)) return;
    const session = new InspectorSession(set, this.options.keeper);
    let onPreview = (): void => undefined;
    const previewed = new Promise<void>((resolve) => (onPreview = resolve));
    const opening = session.open(onPreview);
    let panel: vscode.WebviewPanel | undefined;
    try {
      // What cannot be opened shows no panel; once the base is read, the models are while the page is loaded.
      await Promise.race([opening, previewed, setTimeout(SOON_MS)]);
      // Opened by a second call in the meantime.
      if (this.revealed(panelId)) return session.dispose();
      panel = vscode.window.createWebviewPanel(INSPECTOR_VIEW_TYPE, "", vscode.ViewColumn.Active);
      this.attach(panel, panelId, session);
      for (const note of (await opening).notes) this.options.log.warn(note);
    } catch (error) {
      if (panel) panel.dispose();
      else session.dispose();
      throw error;
    }
  }

  /** `state` is what the webview has saved; its `panel` names the merge set. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const panelId = panelIdIn(state);
    const set = panelId === undefined ? undefined : this.store.find(panelId);
    if (panelId === undefined || !set || this.panels.has(panelId)) return void panel.dispose();
    this.attach(panel, panelId, new InspectorSession(set, this.options.keeper));
  }

  private revealed(panelId: string): boolean {
    const panel = this.panels.get(panelId);
    panel?.reveal();
    return panel !== undefined;
  }

  private attach(panel: vscode.WebviewPanel, panelId: string, session: InspectorSession): void {
    const { context, log, merge } = this.options;
    const inspector = new InspectorPanel(panel, {
      panelId,
      extensionUri: context.extensionUri,
      version: (context.extension.packageJSON as { version: string }).version,
      log,
      session,
      merge,
      onDispose: () => this.panels.delete(panelId),
    });
    this.panels.set(panelId, inspector);
  }
}

const panelIdIn = (state: unknown): string | undefined =>
  typeof state === "object" && state !== null && "panel" in state && typeof state.panel === "string"
    ? state.panel
    : undefined;
