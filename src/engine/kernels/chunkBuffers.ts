import { TiesSteps } from "../merge/tiesSteps";
import { allocateValues, type Values } from "../merge/values";
import { TallyLayout } from "../stats/tally";
import { ChunkTally } from "../stats/tallyChunk";
import { loadChunk, type LoadedChunk } from "./loadChunk";
import { CHUNK_ELEMENTS, type NonFinitePolicy, type RawChunk } from "./rawChunk";

/** Room for one decoded chunk in one arithmetic. */
export class ChunkBuffers {
  readonly base: Values;
  /** θ_t, then τ_t in place. */
  readonly inputs: Values[];
  readonly result: Values;
  readonly scratch: Values;
  readonly steps: TiesSteps;
  readonly tally: ChunkTally;

  constructor(models: number, wide: boolean) {
    const allocate = (): Values => allocateValues(CHUNK_ELEMENTS, wide);
    this.base = allocate();
    this.inputs = Array.from({ length: models }, allocate);
    this.result = allocate();
    this.scratch = allocate();
    this.steps = new TiesSteps(models, CHUNK_ELEMENTS, wide);
    this.tally = new ChunkTally(new TallyLayout(models), CHUNK_ELEMENTS);
  }

  /** Decodes a chunk, see `loadChunk`. */
  load(chunk: RawChunk, policy: NonFinitePolicy): LoadedChunk {
    return loadChunk(chunk, policy, this.base, this.inputs);
  }
}
