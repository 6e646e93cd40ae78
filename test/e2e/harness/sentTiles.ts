/** The tiles that the extension sends to its webview, as they arrive there. */
import type { Tile } from "../../../src/protocol/tiles";
import type { Editor } from "./editor";

/** Writes down what arrives from now on. */
const RECORD = `window.addEventListener("message", ({ data }) => {
  const tile = data?.kind === "result" ? data.value : null;
  if (tile && "kept" in tile && "elected" in tile && "merged" in tile && "level" in tile) {
    (window.sentTiles ??= []).push(tile);
  }
})`;

/** What was written down, as JSON can carry it. */
const RECORDED = `(window.sentTiles ?? []).map((tile) => ({
  ...tile,
  kept: [...tile.kept],
  lost: [...tile.lost],
  elected: [...tile.elected],
  merged: [...tile.merged],
}))`;

/** A tile whose planes are plain arrays; those that were not asked for are empty. */
export type SentTile = { [Key in keyof Tile]: Tile[Key] extends ArrayLike<number> ? number[] : Tile[Key] };

export async function recordTiles(editor: Editor): Promise<void> {
  await (await editor.webviewFrame()).evaluate(RECORD);
}

export const sentTiles = async (editor: Editor): Promise<SentTile[]> =>
  (await editor.webviewFrame()).evaluate<SentTile[]>(RECORDED);
