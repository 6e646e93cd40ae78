import { expect, it, vi } from "vitest";
import { EngineKeeper, type EngineWorker } from "../../../src/host/engineKeeper";
import { InspectorSession } from "../../../src/host/inspector/inspectorSession";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { MergeError } from "../../../src/protocol/errors";
import type { InputFile, InspectionPreview, InspectProgress } from "../../../src/protocol/engineApi";
import type { TileProgress } from "../../../src/protocol/tiles";
import type { InterferenceReport, TensorStatistics } from "../../../src/protocol/report";
import { settingsOf } from "../../../src/protocol/settings";
import type { CallOptions } from "../../../src/protocol/rpc";

const set = createMergeSet({ base: "/m/base", models: [{ path: "/m/a" }, { path: "/m/b" }] });
const report = { format: "ties-merge-report/1" } as InterferenceReport;
const rows = (...names: string[]): InspectProgress => ({
  phase: "statistics",
  tensor: "",
  done: 0,
  total: 1,
  rows: names.map((name) => ({ name }) as TensorStatistics),
});

/** An engine whose statistics are reported and ended by hand. */
function engine() {
  const runs: {
    options: CallOptions<InspectProgress>;
    resolve(report: InterferenceReport): void;
    reject(e: unknown): void;
  }[] = [];
  const api = {
    openInspection: vi.fn(async (_: unknown, _options?: CallOptions<InspectionPreview>) => ({
      id: 7,
      set,
      tensors: [],
      parameters: 0,
      files: [] as InputFile[],
    })),
    inspectionReport: vi.fn(
      (_: { id: number }, options: CallOptions<InspectProgress>) =>
        new Promise<InterferenceReport>((resolve, reject) => {
          runs.push({ options, resolve, reject });
          options.signal?.addEventListener("abort", () => reject(new MergeError("cancelled", { where: "" })));
        }),
    ),
    tile: vi.fn(async () => "tile"),
    sampledReport: vi.fn(async () => "sampled"),
    closeInspection: vi.fn(async () => undefined),
  };
  const dispose = vi.fn();
  const keeper = new EngineKeeper(() => ({ api: api as unknown as EngineWorker["api"], alive: true, dispose }), 0);
  return { api, runs, dispose, session: new InspectorSession(set, keeper) };
}

/** A webview that watches, with the names of the rows that reached it. */
function watcher() {
  const leave = new AbortController();
  const seen: string[] = [];
  const progress = (value: InspectProgress | TileProgress): void =>
    void seen.push(...("rows" in value ? value.rows.map(({ name }) => name) : []));
  return { seen, leave, context: { signal: leave.signal, progress } };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

it("opens the inspection once for all that ask", async () => {
  const { api, session } = engine();
  const first = session.open();
  await Promise.all([
    first,
    session.open(),
    session.tile({ tensor: "t", level: 0, row: 0, column: 0 }, watcher().context),
  ]);
  expect(api.openInspection).toHaveBeenCalledTimes(1);
  expect(api.tile).toHaveBeenCalledWith({ id: 7, tensor: "t", level: 0, row: 0, column: 0 }, expect.anything());
});

it("goes on with the statistics while the page is hidden, and gives the next page all rows", async () => {
  const { api, runs, session } = engine();
  const [first, second] = [watcher(), watcher()];
  const left = session.statistics(first.context);
  await settle();
  runs[0]!.options.onProgress!(rows("a"));
  first.leave.abort();
  await expect(left).rejects.toMatchObject({ code: "cancelled" });
  runs[0]!.options.onProgress!(rows("b"));
  const joined = session.statistics(second.context);
  await settle();
  runs[0]!.options.onProgress!(rows("c"));
  runs[0]!.resolve(report);
  expect(await joined).toBe(report);
  expect(first.seen).toEqual(["a"]);
  expect(second.seen).toEqual(["a", "b", "c"]);
  expect(await session.statistics(watcher().context)).toBe(report);
  expect(api.inspectionReport).toHaveBeenCalledTimes(1);
});

it("stops the statistics that nobody waits for, and starts them anew when asked again", async () => {
  const { api, runs, session } = engine();
  const page = watcher();
  const left = session.statistics(page.context);
  await settle();
  session.stopUnwatched();
  expect(runs[0]!.options.signal!.aborted).toBe(false);
  page.leave.abort();
  await expect(left).rejects.toMatchObject({ code: "cancelled" });
  session.stopUnwatched();
  expect(runs[0]!.options.signal!.aborted).toBe(true);
  void session.statistics(watcher().context);
  await settle();
  expect(api.inspectionReport).toHaveBeenCalledTimes(2);
});

it("cancels what runs and closes the inspection when the panel is closed", async () => {
  const { api, runs, dispose, session } = engine();
  const running = session.statistics(watcher().context);
  await settle();
  session.dispose();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  expect(runs[0]!.options.signal!.aborted).toBe(true);
  await settle();
  expect(api.closeInspection).toHaveBeenCalledWith({ id: 7 });
  await settle();
  expect(dispose).toHaveBeenCalledTimes(1);
  await expect(session.open()).rejects.toMatchObject({ code: "cancelled" });
});

it("opens the inspection anew after its engine has died", async () => {
  const { api, session } = engine();
  const died = new MergeError("worker-died", { where: "", message: "out of memory" });
  api.tile.mockRejectedValueOnce(died);
  const tile = { tensor: "t", level: 0, row: 0, column: 0 };
  await expect(session.tile(tile, watcher().context)).rejects.toBe(died);
  expect(await session.tile(tile, watcher().context)).toBe("tile");
  expect(api.openInspection).toHaveBeenCalledTimes(2);
});

it("an engine that has died does not hide that a file has changed", async () => {
  const { api, session } = engine();
  const files = [{ model: "a", path: "/m/a", stamp: "as it was" }];
  api.openInspection.mockResolvedValueOnce({ id: 7, set, tensors: [], parameters: 0, files });
  api.tile.mockRejectedValueOnce(new MergeError("worker-died", { where: "", message: "" }));
  const tile = { tensor: "t", level: 0, row: 0, column: 0 };
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(session.tile(tile, watcher().context)).rejects.toMatchObject({ code: "input-changed" });
  }
  expect(api.openInspection).toHaveBeenCalledTimes(2);
  expect(await session.changedFiles()).toEqual([{ model: "a", path: "/m/a", gone: true }]);
  await session.reload();
  expect(await session.tile(tile, watcher().context)).toBe("tile");
});

it("models keep their places when others are switched off", async () => {
  const { session } = engine();
  const settings = settingsOf(set);
  settings.models[0]!.on = false;
  await session.use(settings);
  expect((await session.usedInspection()).places).toEqual([1]);
  await session.use(null);
  expect((await session.usedInspection()).places).toBeUndefined();
});

it("tries again after headers could not be read", async () => {
  const { api, session } = engine();
  api.openInspection.mockRejectedValueOnce(new MergeError("file-missing", { where: "/m/a" }));
  await expect(session.open()).rejects.toMatchObject({ code: "file-missing" });
  expect(await session.open()).toMatchObject({ id: 7 });
});

it("settings in use: tiles and statistics are of them, the sample stays the opened set's", async () => {
  const { api, runs, session } = engine();
  let next = 7;
  api.openInspection.mockImplementation(async () => ({ id: next++, set, tensors: [], parameters: 0, files: [] }));
  const first = session.statistics(watcher().context);
  await settle();
  const settings = settingsOf(set);
  settings.models[0]!.density = 0.5;
  const { set: used, members } = await session.use(settings);
  expect(members).toEqual([0, 1]);
  expect(session.used).toEqual(used);
  expect(used.models.map(({ density }) => density)).toEqual([0.5, 0.2]);
  // What ran for the other settings has ended.
  await expect(first).rejects.toMatchObject({ code: "cancelled" });
  const tile = { tensor: "t", level: 0, row: 0, column: 0 };
  await session.tile(tile, watcher().context);
  expect(api.tile).toHaveBeenLastCalledWith({ id: 8, ...tile }, expect.anything());
  const second = session.statistics(watcher().context);
  await settle();
  runs[1]!.resolve(report);
  expect(await second).toBe(report);
  expect(api.inspectionReport).toHaveBeenLastCalledWith({ id: 8 }, expect.anything());
  const depth = { tensors: true, margins: false };
  await session.sample({ settings, ...depth }, watcher().context);
  expect(api.sampledReport).toHaveBeenCalledWith({ id: 7, set: used, members: [0, 1], ...depth }, expect.anything());
  await session.use(null);
  expect(session.used).toBe(set);
  await settle();
  expect(api.closeInspection).toHaveBeenCalledWith({ id: 8 });
  await session.tile(tile, watcher().context);
  expect(api.tile).toHaveBeenLastCalledWith({ id: 7, ...tile }, expect.anything());
});

it("settings that make no merge are refused, and those before stay in use", async () => {
  const { session } = engine();
  const settings = settingsOf(set);
  settings.models[0]!.density = 2;
  await expect(session.use(settings)).rejects.toMatchObject({ code: "merge-set-invalid" });
  expect(session.used).toBe(set);
});

it("tells all that wait for the set what its base says, and none that come later", async () => {
  const { api, session } = engine();
  const opened = await api.openInspection(null);
  let open = (_: typeof opened): void => undefined;
  const gate = new Promise<typeof opened>((resolve) => (open = resolve));
  const preview = { set } as InspectionPreview;
  api.openInspection.mockImplementationOnce(async (_, options) => {
    await settle();
    options?.onProgress?.(preview);
    return gate;
  });
  const seen: [page: string, preview: InspectionPreview][] = [];
  const page = (name: string) => session.open((value) => seen.push([name, value]));
  const first = page("first");
  await settle();
  await settle();
  // A page that is shown again asks anew.
  const second = page("second");
  expect(seen).toEqual([
    ["first", preview],
    ["second", preview],
  ]);
  open(opened);
  await Promise.all([first, second]);
  await page("third");
  expect(seen).toHaveLength(2);
});
