/** Problems of recipes in the editor, while they are written. */
import * as vscode from "vscode";
import type { RecipeProblem } from "../../engine/plan/recipeDocument";
import { looksLikeRecipe, RecipeCheck, type ReadNames } from "./recipeCheck";

/** A pause in typing. */
const PAUSE_MS = 400;

export class RecipeDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("ties-merge");
  private readonly check: RecipeCheck;
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly listeners: vscode.Disposable[];

  constructor(
    readNames: ReadNames,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.check = new RecipeCheck(readNames);
    this.listeners = [
      vscode.workspace.onDidOpenTextDocument((document) => this.checkAnew(document)),
      vscode.workspace.onDidSaveTextDocument((document) => this.checkAnew(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.close(document)),
    ];
    for (const document of vscode.workspace.textDocuments) this.checkSoon(document);
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    for (const listener of this.listeners) listener.dispose();
    this.collection.dispose();
  }

  /** With the checkpoints as they are now. */
  private checkAnew(document: vscode.TextDocument): void {
    if (!isYamlFile(document)) return;
    this.check.forget();
    this.checkSoon(document);
  }

  private checkSoon(document: vscode.TextDocument): void {
    if (!isYamlFile(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.set(
      key,
      setTimeout(() => {
        this.waiting.delete(key);
        void this.show(document);
      }, PAUSE_MS),
    );
  }

  private close({ uri }: vscode.TextDocument): void {
    clearTimeout(this.waiting.get(uri.toString()));
    this.waiting.delete(uri.toString());
    this.collection.delete(uri);
  }

  private async show(document: vscode.TextDocument): Promise<void> {
    const { uri, version } = document;
    try {
      const text = document.getText();
      const problems = looksLikeRecipe(text) ? await this.check.problems(text, uri.fsPath) : [];
      // What has changed in the meantime is checked on its own.
      if (!document.isClosed && document.version === version) this.collection.set(uri, problems.map(diagnosticOf));
    } catch (error) {
      this.log.error(`Checking ${uri.fsPath}: ${String(error)}`);
    }
  }
}

const isYamlFile = ({ uri, languageId, fileName }: vscode.TextDocument): boolean =>
  uri.scheme === "file" && (languageId === "yaml" || /\.ya?ml$/i.test(fileName));

function diagnosticOf({ line, column, endLine, endColumn, severity, message }: RecipeProblem): vscode.Diagnostic {
  const range = new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
  const level = severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, message, level);
  diagnostic.source = "ties-merge";
  return diagnostic;
}
