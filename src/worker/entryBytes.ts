import { BYTES_OF } from "../engine/kernels/chunkReader";
import type { RawChunk } from "../engine/kernels/rawChunk";
import type { TensorInputs } from "./computeApi";

/** Bytes of one entry in the base and in each model. */
export const entryBytes = ({ base, models }: Pick<TensorInputs, "base" | "models">): number[] =>
  (base ? [base, ...models] : models).map(({ dtype }) => BYTES_OF[dtype]);

/** Bytes of so many entries in base and models together. */
export const bytesOfEntries = (inputs: Pick<TensorInputs, "base" | "models">, count: number): number =>
  count * entryBytes(inputs).reduce((sum, size) => sum + size, 0);

/** Of a chunk that was read. */
export const readBytes = ({ base, models }: RawChunk): number =>
  (base ? [base, ...models] : models).reduce((sum, { bytes }) => sum + bytes.length, 0);
