/** What the editor's window shows and keeps. Scripts for the page, as text: no test knows the DOM. */

const HELPERS = `
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isShown = (element) => element instanceof Element && element.getClientRects().length > 0;
  const textOf = (element) => (element?.textContent ?? "").replace(/\\s+/g, " ").trim();
`;

/** The open QuickPick, InputBox or palette. */
export interface OpenQuestion {
  title: string;
  placeholder: string;
  message: string;
  value: string;
  rows: { label: string; ticked: boolean }[];
}

/** OpenQuestion | null. */
export const OPEN_QUESTION = `(() => {
  ${HELPERS}
  const widget = document.querySelector(".quick-input-widget");
  if (!isShown(widget)) return null;
  const input = all(".quick-input-box input", widget).find(({ type }) => type === "text" || type === "");
  return {
    title: textOf(widget.querySelector(".quick-input-title")),
    placeholder: input?.placeholder ?? "",
    message: textOf(widget.querySelector(".quick-input-message")),
    value: input?.value ?? "",
    rows: all(".quick-input-list .monaco-list-row", widget).map((row) => ({
      label: textOf(row.querySelector(".label-name")),
      ticked: row.querySelector("[role=checkbox]")?.getAttribute("aria-checked") === "true",
    })),
  };
})()`;

/** Names of the explorer's rows that are selected: string[]. */
export const SELECTED_NAMES = `(() => {
  ${HELPERS}
  return all(".explorer-folders-view .monaco-list-row[aria-selected=true]").map((row) =>
    textOf(row.querySelector(".label-name")));
})()`;

/** All of that for a person who reads a failed test's log: string. */
export const WHAT_IS_SHOWN = `(() => {
  ${HELPERS}
  const question = ${OPEN_QUESTION};
  const shown = (selector) => all(selector).filter(isShown).map(textOf);
  const focused = document.activeElement;
  const lines = {
    "quick input": question ?? "closed",
    "context menu": shown(".context-view .monaco-menu .action-item").filter((item) => item !== ""),
    dialogs: shown(".monaco-dialog-box"),
    notifications: shown(".notification-list-item"),
    explorer: all(".explorer-folders-view .monaco-list-row").map((row) =>
      textOf(row) + (row.getAttribute("aria-selected") === "true" ? " (selected)" : "")),
    editors: shown(".tabs-container .tab"),
    webviews: all("iframe.webview").map(({ className }) => className),
    "status bar": shown(".statusbar-item").filter((item) => item !== ""),
    focus: focused ? focused.tagName.toLowerCase() + "." + focused.className : "nowhere",
    "has focus": document.hasFocus(),
  };
  return "The window shows\\n" +
    Object.entries(lines).map(([name, value]) => "  " + name + ": " + JSON.stringify(value)).join("\\n");
})()`;

/** Whether the editor's storage contains `text`: boolean. */
export const isSaved = (text: string): string => `(async () => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("vscode-web-state-db")) continue;
    const database = await settled(indexedDB.open(name));
    const values = await settled(database.transaction("ItemTable").objectStore("ItemTable").getAll());
    database.close();
    if (values.some((value) => typeof value === "string" && value.includes(${JSON.stringify(text)}))) return true;
  }
  return false;
})()`;
