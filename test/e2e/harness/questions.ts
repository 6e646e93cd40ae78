/** The editor's palette and questions (QuickPick, InputBox), answered as a person would. */
import type { Locator, Page } from "playwright-core";
import { appears } from "./appears";
import { OPEN_QUESTION } from "./pageScripts";
import type { OpenQuestion } from "./pageScripts";
import { until, untilDone } from "./until";
import type { Patience } from "./until";

/** For one try of an action. */
const TRY_MS = 10_000;

export class Questions {
  constructor(
    private readonly page: Page,
    private readonly patience: Patience,
  ) {}

  /** Runs a command by its full title. */
  async runCommand(title: string): Promise<void> {
    await until(`the command "${title}" in the palette`, () => this.openPalette(title), this.patience);
    await untilDone(`the command "${title}" to be taken`, {
      act: () => this.choice(title).click({ timeout: 2_000 }),
      done: async () => !(await this.isPaletteOpen()),
      again: 2_000,
      ...this.patience,
    });
  }

  /** Whether the open question's title, placeholder or message contains `question`. */
  async isAsked(question: RegExp): Promise<boolean> {
    const open = await this.open();
    return open !== null && question.test(`${open.title}\n${open.placeholder}\n${open.message}`);
  }

  async isOpen(): Promise<boolean> {
    return (await this.open()) !== null;
  }

  /** Answers `question` with one of its rows, which may lie below those in sight: its name is typed. */
  async pick(question: RegExp, label: string): Promise<void> {
    await this.answered(question, `"${label}"`, async () => {
      await this.input.fill(label, { timeout: TRY_MS });
      await this.choice(label).click({ timeout: TRY_MS });
    });
  }

  /** Answers `question` by ticking just the rows with these labels. */
  async tick(question: RegExp, labels: readonly string[]): Promise<void> {
    await this.answered(question, labels.join(", "), async () => {
      for (const label of labels) await this.choice(label).waitFor({ timeout: TRY_MS });
      for (const { label, ticked } of (await this.open())?.rows ?? []) {
        if (ticked !== labels.includes(label)) await this.toggle(label, !ticked);
      }
      await this.page.getByRole("button", { name: "OK", exact: true }).click({ timeout: TRY_MS });
    });
  }

  /** Answers `question` with a line of text. */
  async answer(question: RegExp, text: string): Promise<void> {
    await this.answered(question, `"${text}"`, async () => {
      await this.input.fill(text, { timeout: TRY_MS });
      if ((await this.open())?.value === text) await this.input.press("Enter", { timeout: TRY_MS });
    });
  }

  /** Waits for `question` and gives `answer` until it is taken. */
  private async answered(question: RegExp, answer: string, give: () => Promise<unknown>): Promise<void> {
    await until(`the question ${question.source}`, () => this.isAsked(question), this.patience);
    await untilDone(`the answer ${answer} to ${question.source} to be taken`, {
      act: give,
      done: async () => !(await this.isAsked(question)),
      ...this.patience,
    });
  }

  private async toggle(label: string, ticked: boolean): Promise<void> {
    const isTicked = (row: { label: string; ticked: boolean }): boolean => row.label === label && row.ticked === ticked;
    await untilDone(`"${label}" to be ${ticked ? "ticked" : "not ticked"}`, {
      act: () => this.choice(label).locator("[role=checkbox]").first().click({ timeout: TRY_MS }),
      done: async () => (await this.open())?.rows.some(isTicked) ?? false,
      again: 3_000,
      ...this.patience,
    });
  }

  /** Whether the palette has `title`. Its list is made when it opens: before the extension is known it lacks it. */
  private async openPalette(title: string): Promise<boolean> {
    if (await this.isPaletteOpen()) await this.leavePalette();
    await this.page.keyboard.press("F1");
    await this.input.fill(`>${title}`, { timeout: TRY_MS });
    return appears(this.choice(title), 1_500);
  }

  private async leavePalette(): Promise<void> {
    await this.input.press("Escape", { timeout: TRY_MS });
    await until("the palette to close", async () => !(await this.isPaletteOpen()), { timeout: TRY_MS });
  }

  private async isPaletteOpen(): Promise<boolean> {
    return (await this.open())?.value.startsWith(">") ?? false;
  }

  /** The open question as it is shown. */
  open(): Promise<OpenQuestion | null> {
    return this.page.evaluate<OpenQuestion | null>(OPEN_QUESTION);
  }

  private get input(): Locator {
    const box = ".quick-input-widget .quick-input-box";
    return this.page.locator(`${box} input[type=text], ${box} input:not([type])`).first();
  }

  /** The row that is labelled `label`. */
  private choice(label: string): Locator {
    const name = this.page.locator(".label-name").getByText(label, { exact: true });
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ has: name }).first();
  }
}
