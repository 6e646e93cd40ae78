/** Waits for what no event announces (files on disk, another process); `what` is the error's text when it does not come. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeout = 30_000,
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + timeout;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen as Exclude<T, undefined | null | false>;
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s in vain for ${what}`);
    await new Promise((tick) => setTimeout(tick, 100));
  }
}
