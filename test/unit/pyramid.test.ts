/** Pyramids: every level the exact count over its blocks, whatever the shape and however the regions are cut. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { encode } from "../../src/engine/format/encode";
import { ChunkReader, HeapRoom } from "../../src/engine/kernels/chunkReader";
import { chooseKernels } from "../../src/engine/kernels/chooseKernels";
import { countRegion } from "../../src/engine/stats/countRegion";
import {
  createPyramid,
  finestLevelWithin,
  pyramidBytes,
  regionGrain,
  tileOfPyramid,
} from "../../src/engine/stats/pyramid";
import { PRESETS } from "../../src/protocol/mergeSet";
import { FULL_SHARE, matrixShape, TILE_SIZE } from "../../src/protocol/tiles";
import { seeded } from "../fixtures/mergeCase";
import { MemorySource } from "../fixtures/memorySource";

const kernels = chooseKernels("plain");
const [MODELS, THRESHOLD] = [2, 0.5];

/** τ_t of a base of zeros: multiples of a quarter, most of them trimmed. */
function taskVectors(elements: number, seed: number): Float32Array[] {
  const random = seeded(seed);
  return Array.from({ length: MODELS }, () =>
    Float32Array.from({ length: elements }, () => Math.round((random() - 0.5) * 5) / 4),
  );
}

function readerOf(taus: Float32Array[], elements: number): ChunkReader {
  const input = (values: Float32Array) => {
    const bytes = new Uint8Array(4 * elements);
    encode("F32", values, bytes, elements);
    return { source: new MemorySource(bytes), offset: 0, dtype: "F32" as const };
  };
  return new ChunkReader(input(new Float32Array(elements)), taus.map(input), false, new HeapRoom());
}

const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 })),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.constant(3), fc.constant(3)),
  fc.tuple(fc.integer({ min: 1, max: 30_000 })),
);

test("every level holds the counts of its blocks", () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer(),
      fc.constantFrom(3, 4, 5),
      fc.integer({ min: 1, max: 3 }),
      (shape, seed, finest, grains) => {
        const matrix = matrixShape(shape);
        const taus = taskVectors(matrix.elements, seed);
        const pyramid = createPyramid(matrix, MODELS, finest);
        const edge = regionGrain(finest) * grains;
        const source = {
          reader: readerOf(taus, matrix.elements),
          kernels: kernels.kernelsFor(MODELS),
          parameters: {
            method: "ties" as const,
            lambda: 1,
            rules: PRESETS.reference,
            normalize: true,
            nonFinite: "error" as const,
            weights: taus.map(() => 1),
          },
          ties: { rules: taus.map(() => ({ threshold: THRESHOLD, tieEnd: Infinity })), zeroSign: -1 as const },
          betweenChunks: () => undefined,
        };
        for (let row = 0; row < matrix.rows; row += edge) {
          for (let column = 0; column < matrix.columns; column += edge) {
            const rows = Math.min(edge, matrix.rows - row);
            countRegion(pyramid, { row, column, rows, columns: Math.min(edge, matrix.columns - column) }, source);
          }
        }
        for (const level of [finest, finest + 1, finest + 3, finest + 4, finest + 6]) expectTile(pyramid, taus, level);
      },
    ),
    { numRuns: 40 },
  );
});

function expectTile(pyramid: ReturnType<typeof createPyramid>, taus: Float32Array[], level: number): void {
  const { matrix } = pyramid;
  const tile = tileOfPyramid(pyramid, { tensor: "w", level, row: 0, column: 0 });
  const size = tile.width * tile.height;
  const block = 2 ** level;
  expect([tile.width, tile.height]).toEqual([
    Math.min(TILE_SIZE, Math.ceil(matrix.columns / block)),
    Math.min(TILE_SIZE, Math.ceil(matrix.rows / block)),
  ]);
  const sums = Array.from({ length: size }, () => ({
    area: 0,
    kept: [0, 0, 0, 0],
    lost: [0, 0],
    elected: [0, 0, 0],
    merged: 0,
  }));
  for (let i = 0; i < matrix.elements; i++) {
    const y = Math.floor(Math.floor(i / matrix.columns) / block);
    const x = Math.floor((i % matrix.columns) / block);
    if (y >= tile.height || x >= tile.width) continue;
    const pixel = sums[y * tile.width + x];
    const kept = taus.map((tau) => (Math.abs(tau[i]) >= THRESHOLD ? tau[i] : 0));
    const sum = kept[0] + kept[1];
    const gamma = kept.some((value) => value !== 0) ? Math.sign(sum) || -1 : 0;
    pixel.area++;
    kept.forEach((value, t) => {
      if (value === 0) return;
      pixel.kept[2 * t + (value > 0 ? 0 : 1)]++;
      if (Math.sign(value) !== gamma) pixel.lost[t]++;
    });
    if (gamma !== 0) pixel.elected[gamma > 0 ? 0 : 1]++;
    if (kept[0] * kept[1] < 0) pixel.elected[2]++;
    const agreeing = kept.filter((value) => value * gamma > 0);
    pixel.merged += agreeing.length > 0 ? agreeing.reduce((a, b) => a + b) / agreeing.length : 0;
  }
  const share = (count: number, area: number): number =>
    count === 0 ? 0 : Math.max(1, Math.round((FULL_SHARE * count) / area));
  sums.forEach(({ area, kept, lost, elected, merged }, at) => {
    const planes = (from: Uint16Array, count: number): number[] =>
      Array.from({ length: count }, (_, plane) => from[plane * size + at]);
    expect(planes(tile.kept, 4)).toEqual(kept.map((count) => share(count, area)));
    expect(planes(tile.lost, 2)).toEqual(lost.map((count) => share(count, area)));
    expect(planes(tile.elected, 3)).toEqual(elected.map((count) => share(count, area)));
    // The last row of a folded vector may end before a pixel.
    expect(tile.merged[at]).toBeCloseTo(area > 0 ? merged / area : 0, 6);
  });
}

test("a pyramid of a tensor that is too large begins coarser, and is as large as it says", () => {
  const matrix = matrixShape([150_000, 4096]);
  const whole = finestLevelWithin(2 ** 40, matrix, 4);
  expect(whole).toBe(3);
  const less = finestLevelWithin(64 * 2 ** 20, matrix, 4);
  expect(less).toBeGreaterThan(3);
  expect(pyramidBytes(matrix, 4, less)).toBeLessThanOrEqual(64 * 2 ** 20);
  const small = matrixShape([300, 200]);
  const { levels } = createPyramid(small, 4, 3);
  const bytes = levels.reduce((sum, { counts, sums }) => sum + counts.byteLength + sums.byteLength, 0);
  expect(bytes).toBe(pyramidBytes(small, 4, 3));
});
