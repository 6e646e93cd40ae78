import { MAX_MODELS } from "./assembly/memory";
import { HeapRoom, type ReaderRoom } from "./chunkReader";
import type { Kernels } from "./kernels";
import { PlainKernels } from "./plain";
import { CHUNK_ELEMENTS } from "./rawChunk";
import { SimdKernels } from "./simd";
import { loadSimdModule } from "./simdModule";

/** Kernels for any number of models, with the buffers that suit them. */
export interface KernelChoice {
  readonly name: "simd" | "plain";
  /** What is read here need not be copied for the kernels. */
  readonly room: ReaderRoom;
  /** Room for one encoded chunk of any dtype. */
  readonly output: Uint8Array;
  /** @param models N. */
  kernelsFor(models: number): Kernels;
}

/** SIMD kernels where the machine has them, else their plain twin; `wanted: "plain"` takes the twin anyway. */
export function chooseKernels(wanted?: string): KernelChoice {
  const module = wanted === "plain" ? null : loadSimdModule();
  if (!module) {
    return {
      name: "plain",
      room: new HeapRoom(),
      output: new Uint8Array(8 * CHUNK_ELEMENTS),
      kernelsFor: (models) => new PlainKernels(models),
    };
  }
  return {
    name: "simd",
    room: module.memory,
    output: module.memory.output,
    kernelsFor: (models) => (models > MAX_MODELS ? new PlainKernels(models) : new SimdKernels(models, module)),
  };
}
