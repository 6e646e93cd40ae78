import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FULL_SHARE, matrixShape, TILE_SIZE } from "../../src/protocol/tiles";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { naiveTies } from "../fixtures/naiveTies";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

const shapes = { conv: [150, 2, 3, 1], vector: [1000], scalar: [], matrix: [9, 300] };
const { set, tensors } = writeMergeCase({ folder, shapes, models: 3, lambda: 0.7 });
const naive = naiveTies(set, tensors);
const inspection = engine.openInspection({ set }, quietContext);

/** One entry of a tensor, from the naive implementation. */
function entry(name: string, flat: number) {
  const tensor = tensors.find((candidate) => candidate.name === name);
  return {
    base: tensor?.base[flat] as number,
    tau: (naive.tau.get(name) as number[][]).map((values) => values[flat]),
    kept: (naive.kept.get(name) as boolean[][]).map((flags) => flags[flat]),
    gamma: (naive.gamma.get(name) as number[])[flat],
    merged: (naive.merged.get(name) as number[])[flat],
    theta: (naive.theta.get(name) as number[])[flat],
  };
}

const share = (count: number, area: number): number =>
  count === 0 ? 0 : Math.max(1, Math.round((FULL_SHARE * count) / area));

describe("tiles hold the true share of every block", () => {
  for (const [name, shape] of Object.entries(shapes)) {
    for (const level of [0, 1, 3, 10]) {
      it(`${name} at level ${level}`, async () => {
        const { id } = await inspection;
        const matrix = matrixShape(shape);
        const block = 2 ** level;
        const across = (size: number): number => Math.ceil(size / (TILE_SIZE * block));
        for (let row = 0; row < across(matrix.rows); row++) {
          for (let column = 0; column < across(matrix.columns); column++) {
            const tile = await engine.tile({ id, tensor: name, level, row, column }, quietContext);
            const plane = tile.width * tile.height;
            for (let pixel = 0; pixel < plane; pixel++) {
              const top = (row * TILE_SIZE + Math.floor(pixel / tile.width)) * block;
              const left = (column * TILE_SIZE + (pixel % tile.width)) * block;
              const cells: ReturnType<typeof entry>[] = [];
              for (let r = top; r < Math.min(top + block, matrix.rows); r++) {
                for (let c = left; c < Math.min(left + block, matrix.columns); c++) {
                  if (r * matrix.columns + c < matrix.elements) cells.push(entry(name, r * matrix.columns + c));
                }
              }
              const count = (test: (cell: (typeof cells)[number]) => boolean): number =>
                share(cells.filter(test).length, cells.length);
              for (let t = 0; t < 3; t++) {
                expect(tile.kept[2 * t * plane + pixel]).toBe(count(({ kept, tau }) => kept[t] && tau[t] > 0));
                expect(tile.kept[(2 * t + 1) * plane + pixel]).toBe(count(({ kept, tau }) => kept[t] && tau[t] < 0));
                expect(tile.lost[t * plane + pixel]).toBe(
                  count(({ kept, tau, gamma }) => kept[t] && Math.sign(tau[t]) !== gamma),
                );
              }
              expect(tile.elected[pixel]).toBe(count(({ gamma }) => gamma > 0));
              expect(tile.elected[plane + pixel]).toBe(count(({ gamma }) => gamma < 0));
              expect(tile.elected[2 * plane + pixel]).toBe(
                count(({ kept, tau }) => kept.some((k, t) => k && tau[t] > 0) && kept.some((k, t) => k && tau[t] < 0)),
              );
              const mean = cells.reduce((sum, { merged }) => sum + merged, 0) / Math.max(1, cells.length);
              expect(tile.merged[pixel]).toBeCloseTo(mean, 6);
            }
          }
        }
      });
    }
  }
});

describe("blocks of single parameters", () => {
  it("show every step, also at the tensor's edge", async () => {
    const { id } = await inspection;
    const request = { tensor: "matrix", row: 6, column: 270, rows: 10, columns: 64 };
    const block = await engine.parameters({ id, ...request }, quietContext);
    expect([block.rows, block.columns]).toEqual([3, 30]);
    const cells = block.rows * block.columns;
    for (let cell = 0; cell < cells; cell++) {
      const flat = (6 + Math.floor(cell / block.columns)) * 300 + 270 + (cell % block.columns);
      const expected = entry("matrix", flat);
      expect(block.base[cell]).toBe(expected.base);
      expect(block.elected[cell]).toBe(expected.gamma);
      expect(block.merged[cell]).toBe(expected.merged);
      expect(block.result[cell]).toBe(expected.theta);
      for (let t = 0; t < 3; t++) {
        expect(block.taskVectors[t * cells + cell]).toBe(expected.tau[t]);
        expect(block.kept[t * cells + cell]).toBe(expected.kept[t] ? 1 : 0);
      }
    }
  });
});

for (const method of ["linear", "task_arithmetic"] as const) {
  it(`of ${method} show that method's merge, the same as it writes`, async () => {
    const here = join(folder, method);
    const { set: other } = writeMergeCase({
      folder: here,
      shapes,
      models: 3,
      method,
      lambda: 0.4,
      weights: [1, 0.5, 2],
    });
    const output = bareOutput(here);
    await engine.merge({ set: other, output, statistics: false }, quietContext);
    const written = readTensor(output.out, "matrix");
    const { id } = await engine.openInspection({ set: other }, quietContext);
    const request = { tensor: "matrix", row: 0, column: 0, rows: 9, columns: 64 };
    const block = await engine.parameters({ id, ...request }, quietContext);
    const tile = await engine.tile({ id, tensor: "matrix", level: 0, row: 0, column: 0 }, quietContext);
    for (let row = 0; row < 9; row++) {
      for (let column = 0; column < 64; column++) {
        const cell = row * 64 + column;
        expect(block.result[cell]).toBe(written[row * 300 + column]);
        const moved = method === "linear" ? block.result[cell] - block.base[cell] : block.merged[cell];
        expect(block.merged[cell]).toBeCloseTo(moved, 6);
        expect(tile.merged[row * tile.width + column]).toBeCloseTo(block.merged[cell], 6);
      }
    }
  });
}

it("a closed inspection and an unknown tensor are refused", async () => {
  const { id } = await engine.openInspection({ set }, quietContext);
  await expect(engine.tile({ id, tensor: "nope", level: 0, row: 0, column: 0 }, quietContext)).rejects.toMatchObject({
    code: "unknown-tensor",
  });
  await engine.closeInspection({ id }, quietContext);
  await expect(engine.inspectionReport({ id }, quietContext)).rejects.toMatchObject({ code: "inspection-closed" });
});
