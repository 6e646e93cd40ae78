/** The four kinds of colour theme, changed while the window is open. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Editor } from "./editor";
import type { Workspace } from "./workspace";

/** The editor's own theme of each kind, and what it calls that kind in a webview. */
const THEMES = {
  light: { name: "Default Light Modern", kind: "vscode-light" },
  "hc-black": { name: "Default High Contrast", kind: "vscode-high-contrast" },
  "hc-light": { name: "Default High Contrast Light", kind: "vscode-high-contrast-light" },
  dark: { name: "Default Dark Modern", kind: "vscode-dark" },
} as const;

export type Theme = keyof typeof THEMES;

/** Dark, which a window has at first, comes last: what follows finds it. */
export const ALL_THEMES = Object.keys(THEMES) as Theme[];

/** Sets the workspace's colour theme, and waits until the webview has drawn with it. */
export async function useTheme(editor: Editor, { folder }: Workspace, theme: Theme): Promise<void> {
  const { name, kind } = THEMES[theme];
  mkdirSync(join(folder, ".vscode"), { recursive: true });
  writeFileSync(join(folder, ".vscode/settings.json"), JSON.stringify({ "workbench.colorTheme": name }));
  const body = editor.webview.locator("body");
  await body.and(editor.webview.locator(`[data-vscode-theme-kind="${kind}"]`)).waitFor();
  await body.evaluate(
    "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 100))))",
  );
}
