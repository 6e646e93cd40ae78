/** What counts as a change of a file, and what does not. */
import { chmodSync, copyFileSync, linkSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { fileStamp, fileStampLater, isUnchanged } from "../../src/io/fileStamp";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const root = temporaryFolder();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
  path = join(folder, "model.safetensors");
  writeFileSync(path, "before");
});

/** Times of files are as fine as the system's clock ticks. */
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

async function isUnchangedAfter(change: () => void): Promise<boolean> {
  const before = fileStamp(path);
  await tick();
  change();
  return isUnchanged(before, await fileStampLater(path));
}

test("nothing, another mode and another name of the file are no change", async () => {
  expect(await isUnchangedAfter(() => undefined)).toBe(true);
  expect(await isUnchangedAfter(() => chmodSync(path, 0o640))).toBe(true);
  expect(await isUnchangedAfter(() => linkSync(path, join(folder, "second name")))).toBe(true);
});

test("other bytes are, whichever times they keep", async () => {
  expect(await isUnchangedAfter(() => writeFileSync(path, "behind"))).toBe(false);
  expect(await isUnchangedAfter(() => writeFileSync(path, "longer than before"))).toBe(false);
  const kept = join(folder, "kept");
  writeFileSync(kept, "another than before");
  const { atime, mtime } = statSync(path);
  const keepTimes = (): void => {
    copyFileSync(kept, path);
    utimesSync(path, atime, mtime);
  };
  keepTimes();
  expect(await isUnchangedAfter(keepTimes)).toBe(false);
});

test("so is a file that goes, or comes", async () => {
  expect(await isUnchangedAfter(() => rmSync(path))).toBe(false);
  expect(await isUnchangedAfter(() => writeFileSync(path, "again"))).toBe(false);
});
