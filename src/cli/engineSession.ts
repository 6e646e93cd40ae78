/** The engine for the length of one command, in this process. */
import type { Engine } from "../worker/engine";
import type { Arguments } from "./arguments";
import { PLAIN_KERNELS } from "../engine/kernels/chooseKernels";
import { parseSize } from "../engine/units";
import type { Terminal } from "./terminal";

const MAX_THREADS = 256;

/** Starts the engine with the command's options, lends it to `use` and closes it, whatever happens. */
export async function withEngine<Result>(args: Arguments, use: (engine: Engine) => Promise<Result>): Promise<Result> {
  const threads = args.parsed("threads", threadCount, `a whole number from 1 to ${MAX_THREADS}`);
  const memoryLimit = args.parsed("memory", parseSize, "a size such as 1GiB or 500MB");
  const { createEngine } = await import("../worker/engine");
  const startWorker = !args.has("dry-run");
  const engine = createEngine({ threads, memoryLimit, startWorker });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

function threadCount(text: string): number | undefined {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MAX_THREADS ? count : undefined;
}

/** Says so where the slow kernels must do. */
export function noteKernels({ kernels }: Engine, terminal: Terminal): void {
  if (kernels === "plain") terminal.note(`note: ${PLAIN_KERNELS}`);
}
