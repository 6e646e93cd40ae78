/**
 * Every view of a set of large checkpoints, its figures those of the command line, its pictures those of the files.
 * Only with TIES_MERGE_E2E_LARGE, a folder with `base` and its fine-tunes: `test/bench` makes such.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { tiesMerge } from "./harness/commandLine";
import { editorTest } from "./harness/editorTest";
import {
  filterTensors,
  inspectFlags,
  openTensor,
  shownParameter,
  showTensors,
  totalsReady,
  ungroup,
} from "./harness/inspector";
import { answerInspectDialog, fromExplorer } from "./harness/mergeDialog";
import { naiveTensor, naiveTile } from "./harness/naiveTile";
import { expectTensorRow, expectTotals } from "./harness/reportFigures";
import { recordTiles, sentTiles } from "./harness/sentTiles";
import type { Workspace } from "./harness/workspace";

const folder = process.env.TIES_MERGE_E2E_LARGE;
/** The exact pass over gigabytes. */
const COUNTED_MS = 400_000;

const largeTest = editorTest.extend<{ workspace: Workspace }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are needed from this pattern
  workspace: async ({}, use) => {
    const home = folder ?? "";
    const models = readdirSync(home).filter((name) => name !== "base" && !name.startsWith("."));
    await use({ folder: home, base: join(home, "base"), models, path: (name) => join(home, name), remove: () => {} });
  },
});

largeTest.skipIf(!folder)("every view of a large set", { timeout: 1_200_000 }, async ({ editor, workspace }) => {
  const { webview } = editor;
  const set = { models: workspace.models, density: 0.2 };
  await editor.page.setViewportSize({ width: 1640, height: 1300 });
  await fromExplorer(editor, "Inspect Interference…", ...set.models, "base");
  await answerInspectDialog(editor, { base: "base", density: set.density });
  await webview.locator(".badge").waitFor();
  await editor.screenshot("large, first figures");
  await editor.hideSideBar();
  await webview.getByText(/Counted over all/).waitFor({ timeout: COUNTED_MS });
  await totalsReady(editor);
  await webview.locator("ties-curves").getByText("not counted yet").waitFor({ state: "hidden" });
  await editor.screenshot("large, the whole model");
  await webview.getByRole("region", { name: "Whole model" }).scrollIntoViewIfNeeded();
  await editor.screenshot("large, the whole model's end");

  const report = JSON.parse(tiesMerge("inspect", "--json", "-", ...inspectFlags(workspace, set))) as InterferenceReport;
  await expectTotals(editor, report);
  await showTensors(editor);
  await editor.screenshot("large, the table by layer");
  await ungroup(editor);
  await recordTiles(editor);

  // The largest, a square, a long one, a vector.
  const matrices = report.tensors.filter(({ shape }) => shape.length === 2);
  const largest = matrices.reduce((most, next) => (next.elements > most.elements ? next : most));
  const square = matrices.find(({ shape: [rows, columns] }) => rows === columns)!;
  const long = matrices.find(({ shape: [rows, columns] }) => rows! > columns! && rows !== largest.shape[0])!;
  const thresholds = report.totals.models.map(({ threshold }) => threshold!);
  for (const [at, tensor] of [square, long, largest].entries()) {
    await expectTensorRow(editor, tensor);
    await openTensor(editor, tensor.name);
    const map = webview.getByRole("application", { name: "Elected signs" });
    await map.scrollIntoViewIfNeeded();
    await webview.getByRole("progressbar").waitFor({ state: "hidden" });
    await editor.screenshot(`large, tensor ${at}`);
    await map.focus();
    for (let notch = 0; notch < 30; notch++) await editor.page.keyboard.press("+");
    await editor.page.keyboard.press("ArrowRight");
    const naive = naiveTensor(
      workspace.base,
      set.models.map((name) => workspace.path(name)),
      tensor.name,
      thresholds,
      Math.sign(report.totals.elected.positive - report.totals.elected.negative),
    );
    const { row, column, result } = await shownParameter(editor, null);
    const merged = naive.result[row * naive.columns + column]!;
    // Written as BF16.
    expect(Math.abs(Number(result) - merged)).toBeLessThanOrEqual(Math.abs(merged) * 2 ** -8);
    await webview.getByRole("progressbar").waitFor({ state: "hidden" });
    await editor.screenshot(`large, parameters of tensor ${at}`);
    expect(tensor.models.map(({ kept }) => kept)).toEqual(
      naive.kept.map((values) => values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0)),
    );
    const tiles = (await sentTiles(editor)).filter((tile) => tile.tensor === tensor.name && !tile.estimated);
    expect(tiles.length).toBeGreaterThan(0);
    for (const tile of tiles) {
      const expected = naiveTile(naive, tile);
      const where = `${tile.tensor}, level ${tile.level}, [${tile.row}, ${tile.column}]`;
      expect(tile.planes === "merge" ? tile.elected.length : tile.kept.length, where).toBeGreaterThan(0);
      for (const plane of ["kept", "lost", "elected"] as const) {
        const wrong = tile[plane].findIndex((value, i) => value !== expected[plane][i]);
        expect(wrong < 0 ? null : [wrong, tile[plane][wrong], expected[plane][wrong]], `${where}, ${plane}`).toBeNull();
      }
      const scale = Math.max(...expected.merged.map(Math.abs));
      expect(
        tile.merged.findIndex((value, i) => Math.abs(value - expected.merged[i]!) > 1e-5 * scale),
        where,
      ).toBe(-1);
    }
    console.info(`${tensor.name}: ${tiles.length} tiles as counted from the files`);
  }
  const vector = report.tensors.find(({ shape }) => shape.length === 1)!;
  await expectTensorRow(editor, vector);
  await filterTensors(editor, vector.name);
  await openTensor(editor, vector.name);
  await webview.getByRole("progressbar").waitFor({ state: "hidden" });
  await editor.screenshot("large, a vector");
});
