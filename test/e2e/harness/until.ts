/** Waiting for what no event announces, and doing again what had no effect. */

/** Long enough for a busy machine; a test that passes does not wait for its end. */
const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 100;

type Seen<T> = Exclude<T, undefined | null | false>;

export interface Patience {
  /** Milliseconds. */
  timeout?: number;
  /** What there is instead, for the error's text. */
  instead?: () => Promise<string>;
}

/**
 * What `look` sees, as soon as it is something; `what` is the error's text when it does not come. A look that throws
 * (its element was just replaced) has seen nothing.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeout = PATIENCE_MS, instead }: Patience = {},
): Promise<Seen<T>> {
  const end = Date.now() + timeout;
  for (;;) {
    const { seen, problem } = await attempt(look);
    if (isSeen(seen)) return seen;
    if (Date.now() > end) {
      throw new InVain(
        `waited ${timeout / 1000} s in vain for ${what}${problem ? ` (${problem})` : ""}`,
        instead && (await instead().catch(String)),
      );
    }
    await new Promise((tick) => setTimeout(tick, LOOK_EVERY_MS));
  }
}

/** Where waits are nested, the outermost says what there is instead. */
class InVain extends Error {
  constructor(
    readonly problem: string,
    instead?: string,
  ) {
    super(instead ? `${problem}\n${instead}` : problem);
  }
}

export interface Deed extends Patience {
  /** May throw, and may be done more than once. */
  act: () => Promise<unknown>;
  /** Whether it has had its effect. */
  done: () => Promise<boolean>;
  /** How long its effect may take before it is done again. Milliseconds. */
  again?: number;
}

/** Acts until that has its effect: a busy editor ignores or loses a click. Says so each time. */
export async function untilDone(what: string, { act, done, again = 10_000, ...patience }: Deed): Promise<void> {
  let times = 0;
  await until(
    what,
    async () => {
      if (times > 0 && (await done())) return true;
      if (times++ > 0) console.warn(`done again: ${what}`);
      const { problem } = await attempt(act);
      const effect = until("its effect", done, { timeout: again });
      return effect.catch((none: unknown) => {
        throw problem === undefined ? none : new InVain(problem);
      });
    },
    patience,
  );
}

async function attempt<T>(look: () => T | Promise<T>): Promise<{ seen?: T; problem?: string }> {
  try {
    return { seen: await look() };
  } catch (error) {
    return { problem: error instanceof InVain ? error.problem : String(error) };
  }
}

const isSeen = <T>(seen: T | undefined): seen is Seen<T> => seen !== undefined && seen !== null && seen !== false;
