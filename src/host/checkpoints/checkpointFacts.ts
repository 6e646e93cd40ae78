/** Gathers what proposeBase.ts compares: small files here, headers through the engine's thread. */
import { isAdapter } from "../../io/openCheckpoint";
import type { EngineApi } from "../../protocol/engineApi";
import type { Remote } from "../../protocol/rpc";
import type { FoundCheckpoint } from "./findInFiles";
import { readOrigins } from "./origins";
import type { CheckpointFacts } from "./proposeBase";
import { tensorLayout } from "./tensorLayout";

/** More candidates than this are listed but not compared: a person waits for the answer. */
const MAX_COMPARED = 32;
/** What a slow disk has not said by then stays unknown. */
const COMPARE_MS = 3_000;

/** Facts of each candidate, in their order. A checkpoint that cannot be read has none; the merge will say why. */
export async function gatherFacts(
  candidates: readonly FoundCheckpoint[],
  api: Remote<EngineApi>,
  signal: AbortSignal,
): Promise<CheckpointFacts[]> {
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, COMPARE_MS);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await gatherUntil(candidates, api, limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function gatherUntil(
  candidates: readonly FoundCheckpoint[],
  api: Remote<EngineApi>,
  signal: AbortSignal,
): Promise<CheckpointFacts[]> {
  return Promise.all(
    candidates.map(async (candidate, index) => {
      const adapter = isAdapter(candidate.path);
      const unknown = { path: candidate.path, parents: [], architecture: "", layout: "", adapter };
      if (index >= MAX_COMPARED) return unknown;
      const [origins, layout] = await Promise.all([
        readOrigins(candidate),
        // An adapter's own tensors are not those of a model.
        adapter ? UNKNOWN : api.info({ path: candidate.path }, { signal }).then(tensorLayout, () => UNKNOWN),
      ]);
      return { path: candidate.path, ...origins, ...layout, adapter };
    }),
  );
}

const UNKNOWN = { layout: "" };
