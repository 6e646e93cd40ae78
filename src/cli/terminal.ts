/** Where a command writes and how it learns that it is to stop. */

export interface Terminal {
  /** Results. */
  print(text: string): void;
  /** Messages and progress; a line each. */
  note(line: string): void;
  /** The stream of messages, for the progress display. */
  readonly messages: NodeJS.WriteStream;
  /** Fires at Ctrl-C or when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Whether errors come with their stack: where `TIES_MERGE_DEBUG` asks for it. */
  readonly debug: boolean;
}

/** The terminal of this process. A reader of our results that goes away (`| head`) is no failure. */
export function processTerminal(): Terminal & { dispose(): void } {
  const { stdout, stderr } = process;
  stdout.on("error", ignoreClosedPipe);
  stderr.on("error", ignoreClosedPipe);
  const interruption = listenForInterruption();
  return {
    print: (text) => void stdout.write(text),
    note: (line) => void stderr.write(`${line}\n`),
    messages: stderr,
    signal: interruption.signal,
    debug: Boolean(process.env.TIES_MERGE_DEBUG) && process.env.TIES_MERGE_DEBUG !== "0",
    dispose: interruption.dispose,
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** The first signal cancels; with the listeners gone, a second one ends the process at once. */
function listenForInterruption(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const dispose = (): void => signals.forEach((name) => void process.off(name, interrupt));
  const interrupt = (): void => {
    dispose();
    controller.abort();
  };
  signals.forEach((name) => void process.on(name, interrupt));
  return { signal: controller.signal, dispose };
}
