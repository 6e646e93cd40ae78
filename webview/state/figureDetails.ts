/** What follows the figures of settings that rest: how far they may be off, and, where there are many, rows of tensors. */

/** Margins follow once the settings rest: a hand that stops for a moment goes on before they are there. */
const MARGINS_DELAY_MS = 500;
/** Rows of tensors that nobody looks at follow later: of ten thousand they are megabytes. */
const ALL_ROWS_DELAY_MS = 1000;

export interface DetailsOf {
  /** Whether rows of all tensors come with the margins. */
  withRows: () => boolean;
  /** Asks for margins, and for rows of all tensors too. */
  ask: (tensors: boolean, signal: AbortSignal) => Promise<unknown>;
  /** Whether there is something better than estimated rows by now. */
  areKnown: () => boolean;
}

export class FigureDetails {
  /** Settles when the margins are there, or will not come. */
  margins: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call: AbortController | undefined;
  private giveUp: () => void = () => undefined;
  /** Asks for the rows of all tensors, as long as they are to be asked for. */
  private askRows: (() => void) | null = null;

  follow(details: DetailsOf): void {
    this.stop();
    this.margins = new Promise((resolve) => {
      this.giveUp = resolve;
      this.timer = setTimeout(() => void this.take(details).then(resolve), MARGINS_DELAY_MS);
    });
  }

  /** Rows of all tensors are looked at. */
  wantRows(): void {
    this.askRows?.();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.askRows = null;
    this.call?.abort();
    this.giveUp();
  }

  private async take({ withRows, ask, areKnown }: DetailsOf): Promise<void> {
    const { signal } = (this.call = new AbortController());
    const tensors = withRows();
    await ask(tensors, signal);
    if (tensors || signal.aborted) return;
    this.askRows = () => {
      this.askRows = null;
      clearTimeout(this.timer);
      if (!areKnown()) void ask(true, signal);
    };
    this.timer = setTimeout(() => this.wantRows(), ALL_ROWS_DELAY_MS);
  }
}
