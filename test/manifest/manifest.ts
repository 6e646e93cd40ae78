/** What the tests of this folder read: package.json and the sources of the extension. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export const ROOT = join(import.meta.dirname, "..", "..");

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), "utf8"));

export const readStrings = (file: string): Record<string, string> => readJson(file) as Record<string, string>;

/** The parts of package.json that are tested. */
interface Manifest {
  main: string;
  icon: string;
  l10n: string;
  activationEvents: string[];
  extensionKind: string[];
  capabilities: Record<"untrustedWorkspaces" | "virtualWorkspaces", { supported: unknown }>;
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    configuration: { properties: Record<string, { scope?: string; pattern?: string; default: unknown }> };
    yamlValidation: { fileMatch: string[]; url: string }[];
    walkthroughs: unknown[];
  };
}

export const manifest = readJson("package.json") as Manifest;

/** Every string in a JSON value. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

export interface Call {
  file: string;
  /** `vscode.l10n.t`, `read` … */
  callee: string;
  arguments: readonly ts.Expression[];
}

/** Every call in the sources that run in the extension host. */
export function hostCalls(): Call[] {
  const files = [
    "src/extension.ts",
    ...readdirSync(join(ROOT, "src/host"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join("src/host", name)),
  ];
  return files.flatMap(callsIn);
}

function callsIn(file: string): Call[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), "utf8"), ts.ScriptTarget.Latest, true);
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      calls.push({ file, callee: node.expression.getText(), arguments: node.arguments });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}

/** The text of a string literal; undefined for any other expression. */
export const literal = (expression: ts.Expression | undefined): string | undefined =>
  expression && ts.isStringLiteralLike(expression) ? expression.text : undefined;

/** First arguments of the calls of `callee`. */
export const firstArguments = (callee: string): (string | undefined)[] =>
  hostCalls()
    .filter((call) => call.callee === callee)
    .map((call) => literal(call.arguments[0]));
