/** Where a command writes and how it learns that it is to stop. */
import { wholeFileError } from "../io/fileErrors";
import { describeError } from "../protocol/errorText";
import { toErrorData } from "../protocol/errors";

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

/**
 * The terminal of this process. A reader of our results that goes away (`| head`) is no failure. Results that cannot be
 * written are: that is told, and the process ends with 1. Messages that cannot be are no reason to stop what they tell of.
 */
export function processTerminal(): Terminal & { dispose(): void } {
  const { stdout, stderr } = process;
  stdout.on("error", tellLostResults);
  stderr.on("error", () => undefined);
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

function tellLostResults(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.exitCode = 1;
  process.stderr.write(`error: ${describeError(toErrorData(wholeFileError(error, "standard output")))}\n`);
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
