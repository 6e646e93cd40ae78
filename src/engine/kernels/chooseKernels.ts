import { MAX_MODELS } from "./assembly/memory";
import { HeapRoom, type ReaderRoom } from "./chunkReader";
import type { Kernels } from "./kernels";
import { PlainKernels } from "./plain";
import { CHUNK_ELEMENTS } from "./rawChunk";
import { SimdKernels } from "./simd";
import { hasSimd, loadSimdModule } from "./simdModule";

export type KernelsName = "simd" | "plain";

/** What the log says where they run. */
export const PLAIN_KERNELS =
  "WebAssembly SIMD is missing or switched off: the plain kernels take 10 to 30 times as long";

/** Kernels for any number of models, with the buffers that suit them. */
export interface KernelChoice {
  readonly name: KernelsName;
  /** What is read here need not be copied for the kernels. */
  readonly room: ReaderRoom;
  /** Room for one encoded chunk of any dtype. */
  readonly output: Uint8Array;
  /** @param models N. */
  kernelsFor(models: number): Kernels;
}

/** SIMD kernels where the machine has SIMD, else their plain twin; `wanted: "plain"` takes the twin anyway. */
export const kernelsName = (wanted?: string): KernelsName => (wanted !== "plain" && hasSimd() ? "simd" : "plain");

/** The kernels that `kernelsName` says. */
export function chooseKernels(wanted?: string): KernelChoice {
  const name = kernelsName(wanted);
  if (name === "plain") {
    const [room, output] = [new HeapRoom(), new Uint8Array(8 * CHUNK_ELEMENTS)];
    return { name, room, output, kernelsFor: (models) => new PlainKernels(models) };
  }
  const module = loadSimdModule();
  return {
    name,
    room: module.memory,
    output: module.memory.output,
    kernelsFor: (models) => (models > MAX_MODELS ? new PlainKernels(models) : new SimdKernels(models, module)),
  };
}
