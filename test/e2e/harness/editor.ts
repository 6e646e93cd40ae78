/** One window of the editor in a real browser, spoken to as a person would: by titles, labels and keys. */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { inject } from "vitest";
import { until } from "./until";
import { isSaved, LOSE_FOCUS } from "./windowState";

const SCREENSHOTS = resolve("test/e2e/screenshots");
/** VS Code serves a webview's own files from here, out of the page, without a network. */
const WEBVIEW_HOST = /\.vscode-cdn\.net$/;

export class Editor {
  /** Hosts other than the editor's that the browser asked for something. */
  readonly foreignHosts = new Set<string>();

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  /** Opens `folder` and waits until its files are listed. */
  static async open(folder: string): Promise<Editor> {
    const origin = inject("origin");
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: BROWSER_ARGUMENTS });
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    const editor = new Editor(browser, await context.newPage());
    context.on("request", (request) => {
      const { protocol, host, hostname } = new URL(request.url());
      if (/^(http|ws)/.test(protocol) && host !== new URL(origin).host && !WEBVIEW_HOST.test(hostname)) {
        editor.foreignHosts.add(host);
      }
    });
    await editor.page.goto(`${origin}/?${new URLSearchParams({ folder }).toString()}`);
    await editor.explorerReady();
    return editor;
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /**
   * Reloads the window once what it keeps of itself contains `state`. The editor writes that down when its window
   * loses the focus, or while it closes; the browser does not wait for the latter.
   */
  async reload(state: string): Promise<void> {
    await this.page.evaluate(LOSE_FOCUS);
    await until("the window's state to be saved", () => this.page.evaluate<boolean>(isSaved(state)));
    await this.page.reload();
    await this.explorerReady();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Runs a command by its full title. The list is made when the palette opens: before the extension is known it lacks it. */
  async runCommand(title: string): Promise<void> {
    const entry = this.choice(title);
    await until(
      `the command "${title}"`,
      async () => {
        await this.page.keyboard.press("F1");
        await this.quickInput.fill(`>${title}`);
        if (await appears(entry, 1_500)) return true;
        await this.page.keyboard.press("Escape");
        await this.quickInput.waitFor({ state: "hidden" });
        return false;
      },
      60_000,
    );
    await entry.click();
  }

  /** The input of the palette, of a QuickPick or of an InputBox. */
  get quickInput(): Locator {
    return this.page
      .locator(
        ".quick-input-widget .quick-input-box input[type=text], .quick-input-widget .quick-input-box input:not([type])",
      )
      .first();
  }

  /** The row of the open QuickPick that is labelled `label`. */
  choice(label: string): Locator {
    const name = this.page.locator(".label-name").getByText(label, { exact: true });
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ has: name }).first();
  }

  /** Waits for the question (a title or placeholder that contains `question`). */
  async asked(question: RegExp): Promise<void> {
    const widget = this.page.locator(".quick-input-widget");
    await until(`the question ${question.source}`, async () => {
      if (!(await widget.isVisible())) return false;
      const title = (await widget.locator(".quick-input-title").textContent()) ?? "";
      const placeholder = (await this.quickInput.getAttribute("placeholder")) ?? "";
      const message = (await widget.locator(".quick-input-message").textContent()) ?? "";
      return question.test(`${title}\n${placeholder}\n${message}`);
    });
  }

  /** Picks one row of the open QuickPick. */
  async pick(label: string): Promise<void> {
    await this.choice(label).click();
  }

  /** Ticks just these rows of the open multi-select QuickPick and confirms. */
  async tick(labels: readonly string[]): Promise<void> {
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    for (const label of labels) await this.choice(label).waitFor();
    for (const row of await rows.all()) {
      const label = (await row.locator(".label-name").first().textContent()) ?? "";
      const box = row.locator("[role=checkbox]").first();
      const ticked = (await box.getAttribute("aria-checked")) === "true";
      if (ticked !== labels.includes(label)) await box.click();
    }
    await this.page.getByRole("button", { name: "OK" }).click();
  }

  /** Answers the open InputBox; without `text` takes what it proposes. */
  async answer(text?: string): Promise<void> {
    if (text !== undefined) await this.quickInput.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** A file or folder of the explorer, by its name. */
  row(name: string): Locator {
    return this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).first();
  }

  /** Selects `names` in the explorer and opens the context menu on the last. */
  async openMenu(...names: string[]): Promise<Locator> {
    for (const name of names.length > 1 ? names : []) {
      const selected = (await this.row(name).getAttribute("aria-selected")) === "true";
      if (!selected) await this.row(name).click({ modifiers: ["ControlOrMeta"] });
    }
    await this.row(names.at(-1) ?? "").click({ button: "right" });
    const menu = this.page.locator(".context-view .monaco-menu");
    await menu.waitFor();
    return menu;
  }

  /** Opens the context menu on `names` until it has `item`: it lacks it until the extension has looked around. */
  async waitForMenuItem(item: string, ...names: string[]): Promise<Locator> {
    return until(
      `"${item}" in the context menu`,
      async () => {
        const entry = menuItem(await this.openMenu(...names), item);
        if (await appears(entry, 500)) return entry;
        await this.closeMenu();
        return null;
      },
      60_000,
    );
  }

  /** Picks `item` of the explorer's context menu on `names`. */
  async runFromMenu(item: string, ...names: string[]): Promise<void> {
    const entry = await this.waitForMenuItem(item, ...names);
    await entry.hover();
    await entry.click();
  }

  async closeMenu(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.page.locator(".context-view .monaco-menu").waitFor({ state: "detached" });
  }

  /** A notification that contains `text`. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text });
  }

  /** The document inside the extension's webview. */
  get webview(): FrameLocator {
    return this.page.locator("iframe.webview.ready").last().contentFrame().frameLocator("iframe#active-frame");
  }

  private async explorerReady(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 60_000 });
  }
}

export const menuItem = (menu: Locator, item: string): Locator =>
  menu.locator(".action-item").filter({ hasText: item });

async function appears(locator: Locator, timeout: number): Promise<boolean> {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}

const BROWSER_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function chromiumPath(): string {
  const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (!found) throw new Error("Chromium is missing: run test/e2e/setup.sh, or name it in CHROMIUM");
  return found;
}
