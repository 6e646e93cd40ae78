/** The inspector and the editor's questions by keys alone: no pointer, and no focus that a test has set. */
import type { Editor } from "./editor";
import { untilDone } from "./until";

/** What the keyboard is on, in whichever shadow tree of the webview. */
const FOCUSED = `(() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return "";
  const root = at.getRootNode();
  const both = [at, root instanceof ShadowRoot ? root.host : null];
  const name = both.map((element) => element?.getAttribute("aria-label")).find(Boolean)
    ?? both.map((element) => element?.textContent.trim()).find(Boolean) ?? "";
  return name.replace(/\\s+/g, " ").slice(0, 80);
})()`;

/** The row of the open question that Enter takes. */
const FOCUSED_ROW = `document.querySelector(".quick-input-list .monaco-list-row.focused .label-name")?.textContent?.trim() ?? ""`;

/** Of the inspector as large as tests have it. */
const MOST_STOPS = 120;

/** After which the file dialog has put in what it offers, which takes the place of what was typed before. */
const DIALOG_SETTLES_MS = 500;

export class Keyboard {
  constructor(private readonly editor: Editor) {}

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.editor.page.keyboard.press(key);
  }

  /** Runs a command by its full title. */
  async runCommand(title: string): Promise<void> {
    await untilDone(`the command "${title}" to be on the palette's first row`, {
      act: async () => {
        await this.press("Escape", "F1");
        await this.type(`>${title}`);
      },
      done: async () => (await this.focusedRow()) === title,
      again: 2_000,
      instead: () => this.editor.whatIsShown(),
    });
    await this.press("Enter");
  }

  /** Answers `question` with the row `label`. */
  async pick(question: RegExp, label: string): Promise<void> {
    await this.editor.until(`the question ${question.source}`, () => this.editor.questions.isAsked(question));
    await this.type(label);
    await this.editor.until(
      `"${label}" to be the row that Enter takes`,
      async () => (await this.focusedRow()) === label,
    );
    await this.accept(question);
  }

  /** Answers `question` with all the rows that `filter` leaves. */
  async tickAll(question: RegExp, filter: string): Promise<void> {
    const { editor } = this;
    await editor.until(`the question ${question.source}`, () => editor.questions.isAsked(question));
    await this.type(filter);
    await editor.until(`rows that have ${filter}`, async () => {
      const rows = (await editor.questions.open())?.rows ?? [];
      return rows.length > 0 && rows.every(({ label }) => label.includes(filter));
    });
    const rows = (await editor.questions.open())?.rows ?? [];
    await this.press("Shift+Tab");
    for (let row = 0; row < rows.length; row++) await this.press("ArrowDown", "Space");
    await editor.until("all of them to be ticked", async () =>
      ((await editor.questions.open())?.rows ?? []).every(({ ticked }) => ticked),
    );
    await this.accept(question);
  }

  /** Answers `question` with a line of text. */
  async answer(question: RegExp, text: string): Promise<void> {
    const { editor } = this;
    await editor.until(`the question ${question.source}`, () => editor.questions.isAsked(question));
    const isThere = async (): Promise<boolean> => (await editor.questions.open())?.value === text;
    await untilDone(`"${text}" to be typed, and to stay`, {
      act: async () => {
        await this.press("ControlOrMeta+a");
        await editor.page.keyboard.insertText(text);
        await editor.page.waitForTimeout(DIALOG_SETTLES_MS);
      },
      done: isThere,
      again: 2_000,
      instead: () => editor.whatIsShown(),
    });
    await this.accept(question);
  }

  /** Goes from stop to stop of the webview until one has this name; `back`: towards its start. */
  async tabTo(name: string | RegExp, back = false): Promise<void> {
    const passed: string[] = [];
    for (let press = 0; press < MOST_STOPS; press++) {
      const at = await this.focused();
      if (typeof name === "string" ? at === name : name.test(at)) return;
      passed.push(at);
      await this.press(back ? "Shift+Tab" : "Tab");
    }
    throw new Error(`no stop ${String(name)} among ${passed.join(" | ")}`);
  }

  focused(): Promise<string> {
    return this.editor.webview.locator("body").evaluate<string, unknown>(FOCUSED);
  }

  private async type(text: string): Promise<void> {
    await this.editor.page.keyboard.type(text);
  }

  private focusedRow(): Promise<string> {
    return this.editor.page.evaluate<string>(FOCUSED_ROW);
  }

  private async accept(question: RegExp): Promise<void> {
    await untilDone(`the answer to ${question.source} to be taken`, {
      act: () => this.press("Enter"),
      done: async () => !(await this.editor.questions.isAsked(question)),
      instead: () => this.editor.whatIsShown(),
    });
  }
}
