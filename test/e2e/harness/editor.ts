/** One window of the editor in a real browser, spoken to as a person would: by titles, labels and keys. */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, Frame, FrameLocator, Locator, Page } from "playwright-core";
import { inject } from "vitest";
import { Explorer } from "./explorer";
import { isSaved, WHAT_IS_SHOWN } from "./pageScripts";
import { Questions } from "./questions";
import { until, untilDone } from "./until";
import type { Patience } from "./until";

const SCREENSHOTS = resolve("test/e2e/screenshots");
/** VS Code serves a webview's own files from here, out of the page, without a network. */
const WEBVIEW_HOST = /\.vscode-cdn\.net$/;
/** For whatever waits without a time of its own: a busy machine is slow, not broken. */
const PATIENCE_MS = 90_000;

export class Editor {
  /** Hosts other than the editor's that the browser asked for something. */
  readonly foreignHosts = new Set<string>();
  readonly explorer: Explorer;
  readonly questions: Questions;
  /** Its errors say what the window shows. */
  private readonly patience: Patience = { instead: () => this.whatIsShown() };

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {
    this.explorer = new Explorer(page, this.patience);
    this.questions = new Questions(page, this.patience);
  }

  /** Opens `folder` and waits until its files are listed. */
  static async open(folder: string): Promise<Editor> {
    const origin = inject("origin");
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: BROWSER_ARGUMENTS });
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
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

  /** Reloads the window once what it keeps of itself contains `state`: it writes that down every five seconds. */
  async reload(state: string): Promise<void> {
    const saved = (): Promise<boolean> => this.page.evaluate<boolean>(isSaved(state));
    await until("the window's state to be saved", saved, this.patience);
    await this.page.reload();
    await this.explorerReady();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Questions, menus, notifications, files: for the log of a test that failed. */
  whatIsShown(): Promise<string> {
    return this.page.evaluate<string>(WHAT_IS_SHOWN);
  }

  /** A notification that contains `text`. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text });
  }

  /** Presses `button` of the notification that contains `text`, or of a dialog, until it is gone. */
  async press(button: Locator): Promise<void> {
    await button.waitFor();
    await untilDone(`${String(button)} to be pressed`, {
      act: () => button.click({ timeout: 5_000 }),
      done: async () => !(await button.isVisible()),
      ...this.patience,
    });
  }

  /** Hides the side bar, where there is more room for an editor then. */
  async hideSideBar(): Promise<void> {
    await untilDone("the side bar to be hidden", {
      act: () => this.page.keyboard.press("Control+b"),
      done: async () => !(await this.page.locator(".part.sidebar").isVisible()),
      ...this.patience,
    });
  }

  /** Acts until `effect` is shown. */
  async untilShown(effect: Locator, act: () => Promise<unknown>): Promise<void> {
    await untilDone(`${String(effect)} to be shown`, { act, done: () => effect.isVisible(), ...this.patience });
  }

  /** Waits for what `look` sees. */
  until<T>(what: string, look: () => Promise<T>): ReturnType<typeof until<T>> {
    return until(what, look, this.patience);
  }

  /** The document inside the extension's webview. */
  get webview(): FrameLocator {
    return this.page.locator("iframe.webview.ready").last().contentFrame().frameLocator("iframe#active-frame");
  }

  /** The same as a frame, for scripts. */
  async webviewFrame(): Promise<Frame> {
    const frame = await (await this.webview.locator("body").elementHandle())?.ownerFrame();
    if (!frame) throw new Error("there is no webview");
    return frame;
  }

  private async explorerReady(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor();
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  }
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
