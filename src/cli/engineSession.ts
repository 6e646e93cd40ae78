/** The engine for the length of one command, in this process. */
import { availableParallelism } from "node:os";
import type { EngineApi } from "../protocol/engineApi";
import type { Arguments } from "./arguments";
import type { Terminal } from "./terminal";
import { parseSize } from "../engine/units";

/** More threads than this wait for the disk, not for the processor. */
const MAX_DEFAULT_THREADS = 8;
const MAX_THREADS = 256;
const DEFAULT_MEMORY = 2 ** 30;

/** Starts the engine with the command's options, lends it to `use` and closes it, whatever happens. */
export async function withEngine<Result>(
  args: Arguments,
  terminal: Terminal,
  use: (engine: EngineApi) => Promise<Result>,
): Promise<Result> {
  const threads = args.parsed("threads", threadCount, `a whole number from 1 to ${MAX_THREADS}`);
  const memoryLimit = args.parsed("memory", parseSize, "a size such as 1GiB or 500MB");
  const { createEngine } = await import("../worker/engine");
  const engine = createEngine({
    threads: threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism()),
    memoryLimit: memoryLimit ?? DEFAULT_MEMORY,
    log: terminal.debug ? (line) => terminal.note(line) : undefined,
  });
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
