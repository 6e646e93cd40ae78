/** The editor's explorer: its files and folders, and the context menu on them. */
import type { Locator, Page } from "playwright-core";
import { SELECTED_NAMES } from "./pageScripts";
import { appears } from "./appears";
import { until, untilDone } from "./until";
import type { Patience } from "./until";

/** For one try of an action. */
const TRY_MS = 10_000;
/** The editor ignores clicks on a menu in its first tenth of a second, on a busy machine for longer. */
const MENU_GUARD_MS = 150;

export class Explorer {
  private readonly menu: Locator;

  constructor(
    private readonly page: Page,
    private readonly patience: Patience,
  ) {
    this.menu = page.locator(".context-view .monaco-menu").first();
  }

  /** A file or folder, by its name. */
  row(name: string): Locator {
    const label = this.page.locator(".label-name").getByText(name, { exact: true });
    return this.page.locator(".explorer-folders-view .monaco-list-row").filter({ has: label }).first();
  }

  /** Unfolds the folder `name`, which holds `child`. */
  async unfold(name: string, child: string): Promise<void> {
    await untilDone(`${name} to be unfolded`, {
      act: () => this.row(name).click({ timeout: TRY_MS }),
      done: () => this.row(child).isVisible(),
      ...this.patience,
    });
  }

  /** An entry of the open context menu. */
  menuItem(item: string): Locator {
    return this.menu.locator(".action-item").filter({ hasText: item });
  }

  /** Opens the context menu on the last of `names`, with all of them selected. */
  async openMenu(...names: string[]): Promise<void> {
    const target = this.row(names.at(-1) ?? "");
    await untilDone(`the context menu on ${names.join(", ")}`, {
      act: async () => {
        if (await this.menu.isVisible()) await this.closeMenu();
        if (names.length > 1) await this.select(names);
        await target.click({ button: "right", timeout: TRY_MS });
      },
      done: async () => (await this.menu.isVisible()) && (names.length < 2 || (await this.isSelected(names))),
      ...this.patience,
    });
  }

  /** Opens the context menu on `names` until it has `item`: it lacks it until the extension has looked around. */
  async openMenuWith(item: string, ...names: string[]): Promise<void> {
    await until(
      `"${item}" in the context menu of ${names.join(", ")}`,
      async () => {
        await this.openMenu(...names);
        if (await appears(this.menuItem(item), 500)) return true;
        await this.closeMenu();
        return false;
      },
      this.patience,
    );
  }

  /** Picks `item` of the context menu on `names`; clicks it until the menu is gone. */
  async runFromMenu(item: string, ...names: string[]): Promise<void> {
    await this.openMenuWith(item, ...names);
    await this.page.waitForTimeout(MENU_GUARD_MS);
    await untilDone(`"${item}" of the context menu to be taken`, {
      act: () => this.menuItem(item).click({ timeout: 2_000 }),
      done: async () => !(await this.menu.isVisible()),
      again: 1_000,
      ...this.patience,
    });
  }

  async closeMenu(): Promise<void> {
    await untilDone("the context menu to close", {
      act: () => this.page.keyboard.press("Escape"),
      done: async () => !(await this.menu.isVisible()),
      again: 2_000,
      ...this.patience,
    });
  }

  private async select(names: readonly string[]): Promise<void> {
    await until(
      `just ${names.join(", ")} to be selected in the explorer`,
      async () => {
        const selected = await this.selectedNames();
        const wrong = [...names, ...selected].find((name) => names.includes(name) !== selected.includes(name));
        if (wrong === undefined) return true;
        await this.row(wrong).click({ modifiers: ["ControlOrMeta"], timeout: TRY_MS });
        const isRight = async (): Promise<boolean> =>
          (await this.selectedNames()).includes(wrong) === names.includes(wrong);
        await until(`the selection of ${wrong} to change`, isRight, { timeout: 5_000 });
        return false;
      },
      this.patience,
    );
  }

  private async isSelected(names: readonly string[]): Promise<boolean> {
    return [...(await this.selectedNames())].sort().join("\n") === [...names].sort().join("\n");
  }

  private selectedNames(): Promise<string[]> {
    return this.page.evaluate<string[]>(SELECTED_NAMES);
  }
}
