import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/engine/format/decode";
import type { ChunkOutcome } from "../../src/engine/kernels/kernels";
import { BYTES_OF, HeapRoom } from "../../src/engine/kernels/chunkReader";
import { chooseKernels, type KernelChoice } from "../../src/engine/kernels/chooseKernels";
import type { RawChunk } from "../../src/engine/kernels/rawChunk";
import { TallyLayout } from "../../src/engine/stats/tally";
import { firstDifference } from "../fixtures/firstDifference";
import { baselessCase, chunkOf, kernelCase, placeIn, tiesOf, usualCase, type KernelCase } from "../fixtures/kernelCase";

const simd = chooseKernels();
const plain = chooseKernels("plain");

interface Result {
  outcome: ChunkOutcome;
  /** Everything that was written, or should not have been: the result, the bytes behind it, the inputs, the tally. */
  arrays: ArrayLike<number>[];
}

function merge(choice: KernelChoice, test: KernelCase): Result {
  const [inputs, room] = [chunkOf(test), test.inPlace ? choice.room : new HeapRoom()];
  const chunk = placeIn(room, inputs);
  const kernels = choice.kernelsFor(chunk.models.length);
  const { parameters, output, count } = test;
  const ties = parameters.method === "ties" || test.statistics ? tiesOf(test, taskVectorsOf(chunk)) : null;
  const layout = new TallyLayout(chunk.models.length);
  // Sums go on from chunk to chunk.
  const tally = test.statistics ? layout.allocate().fill(0.1) : null;
  const length = count * BYTES_OF[output];
  const bytes = (test.inPlace ? choice.output : new Uint8Array(length + 64)).subarray(0, length + 64).fill(0xaa);
  const outcome = kernels.merge(chunk, parameters, ties, { dtype: output, bytes }, tally);
  if (outcome.nonFinite) return { outcome, arrays: [] };
  const values = new Float32Array(count);
  decode(output, bytes, values, count);
  const all = chunk.base ? [chunk.base, ...chunk.models] : chunk.models;
  return { outcome, arrays: [values, bytes.slice(length), tally ?? [], ...all.map((input) => input.bytes.slice())] };
}

function taskVectorsOf({ base, models, count }: RawChunk): Float32Array[] {
  const [from, to] = [new Float32Array(count), new Float32Array(count)];
  if (base) decode(base.dtype, base.bytes, from, count);
  return models.map(({ dtype, bytes }) => {
    decode(dtype, bytes, to, count);
    return to.map((value, i) => value - from[i]);
  });
}

function expectSame(test: KernelCase): void {
  const [actual, expected] = [merge(simd, test), merge(plain, test)];
  expect(actual.outcome).toEqual(expected.outcome);
  expected.arrays.forEach((array, at) => expect(firstDifference(actual.arrays[at], array)).toBeNull());
}

describe("merging by SIMD and by the plain twin", () => {
  it("runs by SIMD here", () => {
    expect(simd.name).toBe("simd");
    expect(plain.name).toBe("plain");
  });

  it("gives the same for all dtypes, rules and values, on few entries", () => {
    fc.assert(fc.property(kernelCase([0, 1, 2, 3, 7, 15, 16, 17, 63, 64, 65, 127]), expectSame), { numRuns: 600 });
  });

  it("gives the same for usual merges", () => {
    fc.assert(fc.property(usualCase([0, 1, 3, 4, 5, 31, 64, 513, 1027]), expectSame), { numRuns: 600 });
  });

  it("gives the same on several blocks", () => {
    fc.assert(fc.property(kernelCase([511, 512, 513, 1024, 1500]), expectSame), { numRuns: 150 });
  });

  it("gives the same averages without a base", () => {
    fc.assert(fc.property(baselessCase([1, 64, 100, 513]), expectSame), { numRuns: 150 });
  });

  it("gives the same on the largest chunks", () => {
    fc.assert(fc.property(kernelCase([65_535, 65_536]), expectSame), { numRuns: 4 });
  });
});
