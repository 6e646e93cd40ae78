/** Ranks that are read with a sample: those of each row, or of the pieces of it that were read, beside what is held. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rankedRows } from "../../src/engine/sample/rankedRows";
import { seeded } from "../../src/engine/sample/seeded";
import { FileCache } from "../../src/worker/fileCache";
import { readRows } from "../../src/worker/readRows";
import { createRunState } from "../../src/worker/runState";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const files = new FileCache();

/** Bytes before the tensor in each file. */
const BEGIN = 64;

it.each([
  { shape: [40, 1000], held: 4000, read: 40_000, length: 1000 },
  { shape: [400, 1000], held: 2048, read: 48 * 100, length: 100 },
  { shape: [4000, 3], held: 3000, read: 3000, length: 3 },
  { shape: [6000], held: 800, read: 6000, length: 744 },
  { shape: [3, 5, 2000], held: 640, read: 9000, length: 1120 },
])("of %o", ({ shape, held, read, length }) => {
  const random = seeded(shape[0]!);
  const elements = shape.reduce((product, size) => product * size, 1);
  // Few different magnitudes: equal ones count in their order.
  const values = [0, 1, 2].map(() => Float32Array.from({ length: elements }, () => Math.floor(random() * 200) / 64));
  const sources = values.map((own, at) => {
    const file = join(folder, `${shape.join("-")} ${at}`);
    writeFileSync(file, Buffer.concat([Buffer.alloc(BEGIN), Buffer.from(own.buffer)]));
    return { file, offset: BEGIN, dtype: "F32" as const };
  });
  const rows = rankedRows({ name: "some", shape, elements }, { held, read }, 8);
  expect(rows.length).toBe(length);
  expect(rows.pieces.length * rows.held).toBeLessThanOrEqual(held);
  const entries = rows.pieces.length * rows.held;
  const into = new SharedArrayBuffer(4 * entries * 5);
  const plan = [0, rows.length, rows.perRow, rows.held, rows.pieces.length, 3, 4 * entries * 3];
  for (const { start, count, block } of rows.pieces) plan.push(start, count, block);
  values.forEach((_, at) => plan.push(at, BEGIN, 4 * entries * at));
  readRows({ sources, plan: Float64Array.from(plan), into, state: createRunState() } as never, files);

  const row = shape.length < 2 ? elements : elements / shape[0]!;
  const [base, ...models] = values;
  models.forEach((model, t) => {
    const inputs = new Float32Array(into, 4 * entries * (1 + t), entries);
    const ranks = new Uint32Array(into, 4 * entries * (3 + t), entries);
    let at = 0;
    for (let first = 0; first < rows.pieces.length; first += rows.perRow) {
      const own = rows.pieces.slice(first, first + rows.perRow);
      const inRow = own.flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => start + i));
      expect(new Set(inRow.map((index) => Math.floor(index / row))).size).toBe(1);
      expect(inRow).toHaveLength(rows.length);
      const size = (index: number): number => Math.abs(model[index]! - base![index]!);
      const ordered = [...inRow].sort((a, b) => size(a) - size(b) || a - b);
      for (const { block } of own) {
        for (let i = 0; i < rows.held; i++, at++) {
          expect(inputs[at]).toBe(model[block + i]);
          expect(ranks[at]).toBe(ordered.indexOf(block + i));
        }
      }
    }
    expect(at).toBe(entries);
  });
});
