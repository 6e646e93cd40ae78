import type { Locator } from "playwright-core";

/** Whether it becomes visible within `timeout` milliseconds. */
export async function appears(locator: Locator, timeout: number): Promise<boolean> {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}
