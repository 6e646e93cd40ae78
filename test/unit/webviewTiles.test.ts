/** Which tiles are asked for, at which level, and what becomes of those nobody wants any more. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { TILE_SIZE } from "../../src/protocol/tiles";
import { KeyedLoader } from "../../webview/plot/keyedLoader";
import {
  ancestor,
  chooseLevel,
  levelsFor,
  standIns,
  tileSpan,
  topLevel,
  visibleTiles,
} from "../../webview/plot/levels";
import { LruCache } from "../../webview/plot/lruCache";
import { clampViewport, fitViewport, project, visibleRange } from "../../webview/plot/viewport";

test("a level's pixel covers one to two device pixels", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-5, max: 0.999, noNaN: true }), (scale) => {
      const width = scale * 2 ** chooseLevel(scale);
      expect(width).toBeGreaterThanOrEqual(1 - 1e-8);
      expect(width).toBeLessThan(2);
    }),
  );
  expect([1, 1.5, 40].map(chooseLevel)).toEqual([0, 0, 0]);
  expect([0.5, 0.25, 0.2].map(chooseLevel)).toEqual([1, 2, 3]);
});

test("the visible tiles cover what is visible, and each shows some of it", () => {
  const matrices = fc.record({ rows: fc.integer({ min: 1, max: 9000 }), columns: fc.integer({ min: 1, max: 9000 }) });
  fc.assert(
    fc.property(matrices, fc.double({ min: 1, max: 30, noNaN: true }), ({ rows, columns }, zoom) => {
      const matrix = { rows, columns, elements: rows * columns };
      const size = { width: 420, height: 310 };
      const projection = project(clampViewport({ ...fitViewport(matrix), zoom }, matrix, size), matrix, size);
      const levels = levelsFor(projection, 1, matrix);
      const range = visibleRange(projection, matrix, size);
      const [high, wide] = [tileSpan(levels.down), tileSpan(levels.across)];
      const tiles = visibleTiles("w", projection, matrix, size, levels);
      const corners = [
        [range.rowStart, range.columnStart],
        [range.rowEnd - 1, range.columnEnd - 1],
      ] as const;
      for (const [row, column] of corners) {
        expect(
          tiles.some((tile) => tile.row === Math.floor(row / high) && tile.column === Math.floor(column / wide)),
        ).toBe(true);
      }
      for (const tile of tiles) {
        expect(tile.row * high).toBeLessThan(range.rowEnd);
        expect((tile.row + 1) * high).toBeGreaterThan(range.rowStart);
        expect(tile.column * wide).toBeLessThan(range.columnEnd);
      }
      expect(tiles.length).toBeLessThanOrEqual((420 / TILE_SIZE + 2) * (310 / TILE_SIZE + 2));
    }),
  );
});

test("an ancestor covers its descendant", () => {
  expect(ancestor({ tensor: "w", level: 1, row: 5, column: 6 }, 2)).toEqual({
    tensor: "w",
    level: 3,
    row: 1,
    column: 1,
  });
  expect(topLevel({ rows: 128, columns: 129, elements: 1 })).toBe(1);
});

test("of a stretched matrix a tile of another step of zooming stands in, coarser along one edge", () => {
  const tile = { tensor: "w", level: 6, columnLevel: 4, row: 5, column: 1 };
  const found = [...standIns(tile, 10, true)];
  expect(found[0]).toEqual(tile);
  // One step further out, where only the rows are smaller; squares, when all of it was asked for first.
  expect(found).toContainEqual({ tensor: "w", level: 7, columnLevel: 4, row: 2, column: 1 });
  expect(found.at(-1)).toEqual({ tensor: "w", level: 10, row: 0, column: 0 });
  expect([...standIns({ tensor: "w", level: 3, row: 4, column: 4 }, 5, false)].map(({ level }) => level)).toEqual([
    3, 4, 5,
  ]);
});

test("few columns are read as they are; where that were many entries, eight are one pixel", () => {
  const levels = (rows: number, columns: number) =>
    levelsFor({ across: 300 / columns, down: 375 / rows }, 1, { rows, columns, elements: rows * columns });
  expect(levels(4096, 16)).toEqual({ down: 4, across: 0 });
  expect(levels(150_000, 1024)).toEqual({ down: 9, across: 3 });
});

test("the cache stays within its bytes and forgets the oldest", () => {
  const cache = new LruCache<string>(100);
  for (const key of ["a", "b", "c"]) cache.set(key, key, 40);
  expect([cache.has("a"), cache.has("b"), cache.has("c"), cache.bytes]).toEqual([false, true, true, 80]);
  cache.get("b");
  cache.set("d", "d", 40);
  expect([cache.has("b"), cache.has("c")]).toEqual([true, false]);
  cache.set("huge", "huge", 1000);
  expect([cache.has("huge"), cache.count]).toEqual([true, 1]);
});

interface Job {
  key: string;
  signal: AbortSignal;
  resolve: (value: string) => void;
  reject: (error: unknown) => void;
}

function loader(): { jobs: Job[]; keyed: KeyedLoader<string, string>; changes: () => number } {
  const jobs: Job[] = [];
  let changes = 0;
  const keyed = new KeyedLoader<string, string>({
    keyOf: (key) => key,
    load: (key, signal) => new Promise((resolve, reject) => jobs.push({ key, signal, resolve, reject })),
    bytesOf: () => 1,
    limitBytes: 100,
    concurrency: 2,
    onChange: () => changes++,
  });
  return { jobs, keyed, changes: () => changes };
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("a few at a time, the rest when they are done, none twice", async () => {
  const { jobs, keyed, changes } = loader();
  keyed.want(["a", "b", "c"]);
  keyed.want(["a", "b", "c"]);
  expect(jobs.map(({ key }) => key)).toEqual(["a", "b"]);
  jobs[0]!.resolve("A");
  await settle();
  expect(jobs.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  expect([keyed.get("a"), keyed.missing, changes()]).toEqual(["A", 2, 1]);
});

test("what is wanted no more is cancelled, its late answer ignored, and asked again when wanted again", async () => {
  const { jobs, keyed } = loader();
  keyed.want(["a", "b"]);
  keyed.want(["b", "c"]);
  expect(jobs.map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
  keyed.want(["a"]);
  jobs[0]!.resolve("late");
  await settle();
  expect(keyed.get("a")).toBeUndefined();
  jobs.at(-1)!.resolve("new");
  await settle();
  expect(keyed.get("a")).toBe("new");
});

test("what is cancelled keeps its place until it has come to its end: a view that races by asks for little", async () => {
  const { jobs, keyed } = loader();
  for (const keys of [
    ["a", "b"],
    ["c", "d"],
    ["e", "f"],
  ])
    keyed.want(keys);
  // One more than two at once, of those that are cancelled and those that are wanted.
  expect(jobs.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  for (const { reject } of jobs) reject(new Error("cancelled"));
  await settle();
  expect(jobs.map(({ key }) => key)).toEqual(["a", "b", "c", "e", "f"]);
  expect(keyed.failure).toBeNull();
});

test("a failure stays until retry; a paused loader starts nothing", async () => {
  const { jobs, keyed } = loader();
  keyed.want(["a"]);
  jobs[0]!.reject(new Error("no"));
  await settle();
  keyed.want(["a"]);
  expect([jobs.length, String(keyed.failure), keyed.missing]).toEqual([1, "Error: no", 0]);
  keyed.retry();
  expect([jobs.length, keyed.failure]).toEqual([2, null]);
  keyed.setPaused(true);
  keyed.want(["b"]);
  expect(jobs.length).toBe(2);
  keyed.setPaused(false);
  expect(jobs.length).toBe(3);
});
