import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/engine/format/decode";
import { HeapRoom } from "../../src/engine/kernels/chunkReader";
import { chooseKernels, type KernelChoice } from "../../src/engine/kernels/chooseKernels";
import { OCTET, planeCount } from "../../src/engine/stats/octets";
import { firstDifference } from "../fixtures/firstDifference";
import { chunkOf, kernelCase, placeIn, tiesOf, type KernelCase } from "../fixtures/kernelCase";

const simd = chooseKernels();
const plain = chooseKernels("plain");

/** Every plane of counts, then the sums; every plane of marks, then τ_m. */
function viewOctets(choice: KernelChoice, test: KernelCase): ArrayLike<number>[] {
  const inputs = chunkOf(test);
  const chunk = placeIn(test.inPlace ? choice.room : new HeapRoom(), inputs);
  const models = chunk.models.length;
  const base = new Float32Array(test.count);
  const values = new Float32Array(test.count);
  if (inputs.base) decode(inputs.base.dtype, inputs.base.bytes, base, test.count);
  const taskVectors = inputs.models.map(({ dtype, bytes }) => {
    decode(dtype, bytes, values, test.count);
    return values.map((value, i) => value - base[i]);
  });
  const octets = Math.ceil(test.count / OCTET);
  const ties = tiesOf(test, taskVectors);
  const kernels = choice.kernelsFor(models);
  const planesOf = (bytes: Uint8Array, stride: number): Uint8Array[] =>
    Array.from({ length: planeCount(models) }, (_, plane) => bytes.slice(plane * stride, plane * stride + octets));
  const { counts, stride, sums } = kernels.countOctets(chunk, test.parameters, ties);
  const counted = [...planesOf(counts, stride), sums.slice(0, octets)];
  const marked = kernels.markOctets(chunk, test.parameters, ties);
  return [...counted, ...planesOf(marked.marks, marked.stride), marked.merged.slice(0, test.count)];
}

const expectSame = (test: KernelCase): void => {
  const actual = viewOctets(simd, test);
  viewOctets(plain, test).forEach((plane, at) => expect(firstDifference(actual[at], plane)).toBeNull());
};

describe("counting and marking octets by SIMD and by the plain twin", () => {
  it("gives the same for all dtypes, rules and values", () => {
    fc.assert(fc.property(kernelCase([0, 1, 7, 8, 9, 16, 65, 127, 511, 512, 513, 1500]), expectSame), { numRuns: 500 });
  });

  it("gives the same on the largest chunks", () => {
    fc.assert(fc.property(kernelCase([65_535, 65_536]), expectSame), { numRuns: 4 });
  });
});
