/** Which tiles linked pictures ask for: each place once, no more of it than they draw, what is urgent first. */
import { expect, test } from "vitest";
import type { TileRequest } from "../../src/protocol/tiles";
import { tileKey } from "../../webview/plot/levels";
import { wantedTiles } from "../../webview/plot/wantedTiles";

const COARSEST = 6;
const at = (level: number, row: number, column = 0): TileRequest => ({ tensor: "w", level, row, column });
const masks = { tiles: [at(2, 0), at(2, 1)], planes: "models" as const };
const outcome = { tiles: [at(1, 1), at(1, 0), at(1, 2)], planes: "merge" as const };
const nothing = (): boolean => false;
const keys = (tiles: readonly TileRequest[]): string[] => tiles.map(tileKey);

test("of each level what its pictures draw, the coarser level first, the spare ones last", () => {
  expect(keys(wantedTiles([outcome, masks], COARSEST, false, nothing))).toEqual([
    "models/2/0/0/w",
    "models/2/1/0/w",
    "merge/1/1/0/w",
    "merge/1/0/0/w",
    "merge/1/2/0/w",
    "/6/0/0/w",
    "/3/0/0/w",
  ]);
});

test("a view that is being zoomed is covered before it is sharp", () => {
  expect(keys(wantedTiles([outcome], COARSEST, true, nothing)).slice(0, 3)).toEqual([
    "/6/0/0/w",
    "/3/0/0/w",
    "merge/1/1/0/w",
  ]);
});

test("a place that pictures of both kinds show is asked for once, unless a part of it is at hand", () => {
  const both = [masks, { ...masks, planes: "merge" as const }];
  const wanted = (held: string[]): string[] =>
    keys(wantedTiles(both, masks.tiles[0]!.level, false, (request) => held.includes(tileKey(request))));
  expect(wanted([])).toEqual(["/2/0/0/w", "/2/1/0/w"]);
  expect(wanted(["merge/2/0/0/w"])).toEqual(["models/2/0/0/w", "merge/2/0/0/w", "/2/1/0/w"]);
  expect(keys(wantedTiles([masks], 2, false, (request) => tileKey(request) === "/2/1/0/w"))).toEqual([
    "models/2/0/0/w",
    "/2/1/0/w",
  ]);
});

test("single entries have only the whole matrix to spare", () => {
  const single = { tiles: [at(0, 5)], planes: undefined };
  expect(keys(wantedTiles([single], COARSEST, false, nothing))).toEqual(["/0/5/0/w", "/6/0/0/w"]);
});
