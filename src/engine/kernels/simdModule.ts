/** The compiled kernels of assembly/ and their memory; the signatures are those of assembly/index.ts. */
import { KernelMemory } from "./kernelMemory";
import { SIMD_MODULE } from "./simdModule.generated";

interface Exports {
  setInput(at: number, address: number, dtype: number): void;
  setTrim(t: number, ties: number, atLeast: number, above: number): void;
  setMethod(models: number, method: number, lambda: number, total: number): void;
  setWeight(t: number, weight: number, share: number): void;
  setElection(weightsVote: boolean, byNumber: boolean, divides: boolean): void;
  merge(
    count: number,
    hasBase: boolean,
    elects: boolean,
    negativeZero: boolean,
    statistics: boolean,
    output: number,
    dtype: number,
  ): number;
  countMagnitudes(count: number, t: number, prefix: number, step: number, counts: number): number;
  countEqual(count: number, t: number, bits: number): number;
  positive: { value: number };
  negative: { value: number };
  voted: { value: number };
}

export interface SimdModule {
  memory: KernelMemory;
  exports: Exports;
}

/** The module with a memory of its own, or null where WebAssembly or its SIMD instructions are missing. */
export function loadSimdModule(): SimdModule | null {
  if (typeof WebAssembly === "undefined") return null;
  const bytes = Uint8Array.from(atob(SIMD_MODULE), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  const memory = new KernelMemory();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: memory.memory } });
  return { memory, exports: instance.exports as Exports };
}
