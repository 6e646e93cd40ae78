import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { checkWritable } from "../../src/io/writeWhole";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

vi.mock("node:fs", async (original) => ({ ...(await original<typeof fs>()), accessSync: vi.fn() }));
afterEach(() => vi.mocked(fs.accessSync).mockReset());

const folder = temporaryFolder();
const terms = { overwrite: false, inputs: [] };

it("a file in a folder that nobody may write to is refused before anything is computed", () => {
  // The superuser may write everywhere: the file system's answer is put in its mouth.
  vi.mocked(fs.accessSync).mockImplementation(() => {
    throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  });
  expectCode("file-no-permission", () => {
    checkWritable(join(folder, "report.json"), terms);
  });
});

it("a new file in a folder that may be written to is not", () => {
  expect(() => {
    checkWritable(join(folder, "report.json"), terms);
  }).not.toThrow();
});

it("a file that stands where the folder should is no folder", () => {
  const file = join(folder, "plain.txt");
  fs.writeFileSync(file, "");
  expectCode("file-missing", () => {
    checkWritable(join(file, "report.json"), terms);
  });
});
