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
  viewOctets(count: number, negativeZero: boolean, mark: boolean): number;
  setWindow(t: number, counts: number, from: number, end: number, shift: number, buckets: number, way: number): void;
  countMagnitudes(count: number, models: number, step: number): number;
  largest(list: number, count: number, rank: number, from: number, span: number): number;
  larger: { value: number };
  equal: { value: number };
  countEqual(count: number, t: number, bits: number): number;
  positive: { value: number };
  negative: { value: number };
  voted: { value: number };
}

export interface SimdModule {
  memory: KernelMemory;
  exports: Exports;
}

/** A module of one function, `i8x16.popcnt(i8x16.splat(0))`: that is soon validated, the kernels are not. */
const PROBE = [
  [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  [0x03, 0x02, 0x01, 0x00],
  [0x0a, 0x0a, 0x01, 0x08, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b],
].flat();

/** Whether there is WebAssembly with 128-bit SIMD, which is all that the kernels ask for. */
export const hasSimd = (): boolean =>
  typeof WebAssembly !== "undefined" && WebAssembly.validate(Uint8Array.from(PROBE));

/** The module with a memory of its own. */
export function loadSimdModule(): SimdModule {
  const memory = new KernelMemory();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { env: { memory: memory.memory } });
  return { memory, exports: instance.exports as Exports };
}

function moduleBytes(): Uint8Array {
  const text = atob(SIMD_MODULE);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
