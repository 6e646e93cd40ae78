import * as vscode from "vscode";
import { CheckpointIndex } from "./host/checkpoints/checkpointIndex";
import { inspectCommand, openInspector } from "./host/commands/inspectCommand";
import { inspectRecipe } from "./host/commands/inspectRecipe";
import { mergeCommand } from "./host/commands/mergeCommand";
import { RecipeDiagnostics } from "./host/diagnostics/recipeDiagnostics";
import { RecipeLens, YAML_FILES } from "./host/diagnostics/recipeLens";
import { askOutput } from "./host/dialog/mergeDialog";
import { EngineKeeper } from "./host/engineKeeper";
import { InspectorPanels, INSPECTOR_VIEW_TYPE } from "./host/inspector/inspectorPanels";
import { MergeRunner } from "./host/merge/mergeRunner";
import { changesEngine, readSettings } from "./host/settings";
import type { MergeSet } from "./protocol/mergeSet";
import { startEngineWorker } from "./worker/engineClient";

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("TIES Merge", { log: true });
  const { version } = context.extension.packageJSON as { version: string };
  log.info(`${context.extension.id} ${version}, editor ${vscode.version}`);
  const keeper = new EngineKeeper(() => {
    const { threads, memoryLimit } = readSettings(log);
    const cacheFolder = vscode.Uri.joinPath(context.globalStorageUri, "reports").fsPath;
    return startEngineWorker({ threads, memoryLimit, cacheFolder });
  });
  const index = new CheckpointIndex(log);
  const inspectors: InspectorPanels = new InspectorPanels({ context, keeper, log, merge: mergeInspected });
  const runner = new MergeRunner({
    keeper,
    log,
    onWritten: () => index.refreshSoon(),
    openInspector: (set) => openInspector(inspectors, set),
  });
  const readNames = (path: string): Promise<string[]> =>
    keeper.use(async (api) => (await api.info({ path })).tensors.map(({ name }) => name));
  const services = { keeper, index, log, runner, inspectors, readNames };

  async function mergeInspected(set: MergeSet): Promise<void> {
    if (!(await runner.mayStart())) return;
    const out = await askOutput(set);
    if (out !== undefined) void runner.run(set, out);
  }

  context.subscriptions.push(
    log,
    keeper,
    index,
    new RecipeDiagnostics(readNames, log),
    vscode.languages.registerCodeLensProvider(YAML_FILES, new RecipeLens()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (changesEngine(event)) keeper.renew();
    }),
    vscode.commands.registerCommand("tiesMerge.merge", (uri, uris) => mergeCommand(services, uri, uris)),
    vscode.commands.registerCommand("tiesMerge.inspect", (uri, uris) => inspectCommand(services, uri, uris)),
    vscode.commands.registerCommand("tiesMerge.inspectRecipe", (uri) => inspectRecipe(services, uri)),
    vscode.commands.registerCommand("tiesMerge.showLog", () => log.show()),
    vscode.window.registerWebviewPanelSerializer(INSPECTOR_VIEW_TYPE, inspectors),
  );
}
