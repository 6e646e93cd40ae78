/** A set whose files change while it is inspected says so, and reads them anew only when it is reloaded. */
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { EngineKeeper } from "../../src/host/engineKeeper";
import { InputWatch } from "../../src/host/inspector/inputWatch";
import { InspectorSession } from "../../src/host/inspector/inspectorSession";
import { fileStamp } from "../../src/io/fileStamp";
import { settingsOf } from "../../src/protocol/settings";
import { createEngine } from "../../src/worker/engine";
import { startEngineWorker } from "../../src/worker/engineClient";
import { quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const root = temporaryFolder();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const tile = { tensor: "layers.0.weight", level: 0, row: 0, column: 0 };
const context = quietContext as never;

function fresh() {
  const folder = mkdtempSync(join(root, "case-"));
  const shapes = { "layers.0.weight": [20, 30], "layers.1.weight": [40] };
  const { set } = writeMergeCase({ folder, shapes, models: 2, step: 1 / 8 });
  const keeper = new EngineKeeper(() => startEngineWorker({ threads: 1, cacheFolder: join(folder, "cache") }));
  const session = new InspectorSession(set, keeper);
  closing.push(
    () => session.dispose(),
    () => keeper.dispose(),
  );
  return { folder, set, session, model: join(folder, "model1.safetensors") };
}

/** Another value in the same place: the file keeps its size. */
function otherBytes(path: string): Buffer {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 0x80;
  return bytes;
}

/** As editors and download tools write: beside it, then in its place. */
function replace(path: string, bytes: Buffer): void {
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

const changed = (where: string) => ({ code: "input-changed", details: { where } });

/** Looks are shared for a second: past it. */
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1100));

it("refuses figures and pictures of a file that was replaced, names it, and shows the new ones when reloaded", async () => {
  const { set, session, model } = fresh();
  const before = await session.statistics(context);
  const drawn = await session.tile(tile, context);
  expect(await session.changedFiles()).toEqual([]);
  replace(model, otherBytes(model));
  await later();
  expect(await session.changedFiles()).toEqual([{ model: set.models[1]!.name, path: model, gone: false }]);
  await expect(session.tile(tile, context)).rejects.toMatchObject(changed(model));
  await expect(session.statistics(context)).rejects.toMatchObject(changed(model));
  await expect(session.sample({ settings: null, tensors: true, margins: true }, context)).rejects.toMatchObject(
    changed(model),
  );
  await expect(session.use({ ...settingsOf(set), lambda: 0.5 })).rejects.toMatchObject(changed(model));

  await session.reload();
  const after = await session.statistics(context);
  expect(after.totals).not.toEqual(before.totals);
  // What an engine says that has never seen the old file.
  const engine = createEngine({ threads: 1 });
  closing.push(() => engine.close());
  expect(after).toEqual(await engine.inspect({ set }, quietContext));
  expect((await session.tile({ ...tile, tensor: "layers.1.weight" }, context)).merged).toBeDefined();
  expect(await session.tile(tile, context)).toEqual(drawn);
  expect(await session.changedFiles()).toEqual([]);
});

it("notices a copy that keeps size and time of writing, and remembers no report of the old one for it", async () => {
  const { session, model } = fresh();
  const before = await session.statistics(context);
  const { atime, mtime } = statSync(model);
  const bytes = otherBytes(model);
  writeFileSync(model, bytes);
  utimesSync(model, atime, mtime);
  await later();
  expect(await session.changedFiles()).toHaveLength(1);
  await session.reload();
  expect((await session.statistics(context)).totals).not.toEqual(before.totals);
});

it("says that a file is there no more, and opens without it", async () => {
  const { set, session, model } = fresh();
  await session.open();
  rmSync(model);
  await later();
  expect(await session.changedFiles()).toEqual([{ model: set.models[1]!.name, path: model, gone: true }]);
  await session.reload();
  const opened = await session.open();
  expect(opened.brokenModels).toMatchObject([{ path: model, leftOut: true }]);
  expect(opened.places).toEqual([0]);
});

it("notices when a model that could not be opened appears", async () => {
  const { session, folder, model } = fresh();
  const aside = join(folder, "aside");
  renameSync(model, aside);
  expect((await session.open()).set.models).toHaveLength(1);
  expect(await session.changedFiles()).toEqual([]);
  copyFileSync(aside, model);
  await later();
  expect(await session.changedFiles()).toMatchObject([{ path: model, gone: false }]);
  await session.reload();
  expect((await session.open()).set.models).toHaveLength(2);
});

it("a second inspection in the same engine reads the file that is there now", async () => {
  const { set, model } = fresh();
  const engine = createEngine({ threads: 1 });
  closing.push(() => engine.close());
  const first = await engine.inspect({ set }, quietContext);
  replace(model, otherBytes(model));
  const second = await engine.inspect({ set }, quietContext);
  expect(second.totals).not.toEqual(first.totals);
});

it("looks at hundreds of files in milliseconds, once a second for all who ask", async () => {
  const folder = mkdtempSync(join(root, "many-"));
  const files = Array.from({ length: 300 }, (_, at) => {
    const path = join(folder, `${at}`);
    writeFileSync(path, "");
    return { model: null, path, stamp: fileStamp(path) };
  });
  let now = 0;
  const watch = new InputWatch(files, () => now);
  expect(await watch.changed()).toEqual([]);
  writeFileSync(files[7]!.path, "x");
  now = 900;
  expect(await watch.changed()).toEqual([]);
  now = 1100;
  expect(await watch.changed()).toEqual([{ model: null, path: files[7]!.path, gone: false }]);
  expect(await watch.changed(0)).toHaveLength(1);
});
