/** However a stretch is cut into chunks, the merge and its statistics are the same to the last bit. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { BYTES_OF } from "../../src/engine/kernels/chunkReader";
import { chooseKernels, type KernelChoice } from "../../src/engine/kernels/chooseKernels";
import type { RawChunk, RawInput } from "../../src/engine/kernels/rawChunk";
import { countsLength, listOf, windowBetween } from "../../src/engine/merge/magnitudeWindow";
import { LANES, TallyLayout } from "../../src/engine/stats/tally";
import { chunkOf, kernelCase, type KernelCase } from "../fixtures/kernelCase";

const choices = [chooseKernels(), chooseKernels("plain")];

function part(chunk: RawChunk, begin: number, end: number): RawChunk {
  const of = ({ dtype, bytes }: RawInput): RawInput => ({
    dtype,
    bytes: bytes.subarray(begin * BYTES_OF[dtype], end * BYTES_OF[dtype]),
  });
  const { base, models } = chunk;
  return { ...chunk, count: end - begin, start: chunk.start + begin, base: base && of(base), models: models.map(of) };
}

function mergeParts(choice: KernelChoice, test: KernelCase, cuts: readonly number[]) {
  const chunk = chunkOf(test);
  const kernels = choice.kernelsFor(chunk.models.length);
  const rules = chunk.models.map((_, t) => ({ threshold: 0.1 * (t + 1), tieEnd: test.rules[t].tieEnd + test.start }));
  const tally = test.statistics ? new TallyLayout(chunk.models.length).allocate() : null;
  const size = BYTES_OF[test.output];
  const bytes = new Uint8Array(size * test.count);
  let failed = false;
  const elected = { positive: 0, negative: 0, cancelled: 0 };
  const window = { ...listOf(windowBetween(0x3d00_0000, 0x3f80_0000)), buckets: 1300 };
  const counts = chunk.models.map(() => new Uint32Array(countsLength(window)));
  const windows = chunk.models.map(() => window);
  for (const [at, begin] of cuts.slice(0, -1).entries()) {
    const end = cuts[at + 1];
    const output = { dtype: test.output, bytes: bytes.subarray(begin * size, end * size) };
    const own = part(chunk, begin, end);
    const outcome = kernels.merge(own, test.parameters, { rules, zeroSign: test.zeroSign }, output, tally);
    const bad = kernels.countMagnitudes(own, windows, test.parameters.nonFinite, counts);
    failed ||= bad !== null || outcome.nonFinite !== null || outcome.overflow >= 0 || outcome.weightSum >= 0;
    elected.positive += outcome.elected.positive;
    elected.negative += outcome.elected.negative;
    elected.cancelled += outcome.elected.cancelled;
  }
  // What fails ends the merge: the rest is nobody's.
  return failed ? "failed" : { bytes, tally, elected, counts };
}

it("is merged and counted the same whole and in parts", () => {
  fc.assert(
    fc.property(
      kernelCase([5, 600, 1300]),
      fc.array(fc.integer({ min: 0, max: 325 }), { maxLength: 5 }),
      (test, places) => {
        const inner = places.map((place) => place * LANES).filter((place) => place < test.count);
        const cuts = [...new Set([0, ...inner, test.count])].sort((a, b) => a - b);
        for (const choice of choices)
          expect(mergeParts(choice, test, cuts)).toEqual(mergeParts(choice, test, [0, test.count]));
      },
    ),
    { numRuns: 60 },
  );
});
