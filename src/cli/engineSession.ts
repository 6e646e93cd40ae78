/** The engine for the length of one command, in this process. */
import type { EngineApi } from "../protocol/engineApi";
import type { Arguments } from "./arguments";
import { parseSize } from "../engine/units";

const MAX_THREADS = 256;

/** Starts the engine with the command's options, lends it to `use` and closes it, whatever happens. */
export async function withEngine<Result>(
  args: Arguments,
  use: (engine: EngineApi) => Promise<Result>,
): Promise<Result> {
  const threads = args.parsed("threads", threadCount, `a whole number from 1 to ${MAX_THREADS}`);
  const memoryLimit = args.parsed("memory", parseSize, "a size such as 1GiB or 500MB");
  const { createEngine } = await import("../worker/engine");
  const engine = createEngine({ threads, memoryLimit });
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
