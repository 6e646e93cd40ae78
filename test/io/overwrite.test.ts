import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { beginOutput } from "../../src/io/outputTransaction";
import type { OutputTransaction } from "../../src/io/outputTransaction";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  return { ...real, renameSync: vi.fn(real.renameSync) };
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const begin = (out: string, resume = false): OutputTransaction =>
  beginOutput({ out, overwrite: true, resume, inputs: [], fingerprint: "f" });
const read = (folder: string): string => fs.readFileSync(join(folder, "model.safetensors"), "utf8");

function oldModel(): string {
  const out = join(temporaryFolder(), "merged");
  fs.mkdirSync(out);
  fs.writeFileSync(join(out, "model.safetensors"), "old");
  fs.writeFileSync(join(out, "extra.json"), "{}");
  return out;
}

function newModel(output: OutputTransaction): OutputTransaction {
  output.writeSmallFile("model.safetensors", bytes("new"));
  output.appendJournal(1);
  return output;
}

describe("overwrite", () => {
  it("leaves the old output in place until commit, then swaps the whole folder", () => {
    const out = oldModel();
    const output = newModel(begin(out));
    expect(read(out)).toBe("old");
    output.commit();
    expect(read(out)).toBe("new");
    expect(fs.readdirSync(out)).toEqual(["model.safetensors"]);
    expect(fs.readdirSync(join(out, ".."))).toEqual(["merged"]);
  });

  it("holds its lock until the folder has its final name", () => {
    const out = oldModel();
    const output = newModel(begin(out));
    const rename = vi.mocked(fs.renameSync);
    const real = rename.getMockImplementation();
    rename.mockImplementation((from, to) => {
      if (from === output.folder) expectCode("output-locked", () => begin(out));
      real?.(from, to);
    });
    try {
      output.commit();
    } finally {
      rename.mockImplementation((from, to) => real?.(from, to));
    }
    expect(fs.readdirSync(out)).toEqual(["model.safetensors"]);
    expect(fs.readdirSync(join(out, ".."))).toEqual(["merged"]);
    begin(out).discard();
  });

  it("keeps the old output when the run is abandoned", () => {
    const out = oldModel();
    newModel(begin(out)).abandon();
    expect(read(out)).toBe("old");
  });

  it("puts the old output back when the new one cannot be renamed in, and the new one can be resumed", () => {
    const out = oldModel();
    const output = newModel(begin(out));
    const rename = vi.mocked(fs.renameSync);
    const real = rename.getMockImplementation();
    rename.mockImplementation((from, to) => {
      if (from === output.folder) throw Object.assign(new Error("EACCES: refused"), { code: "EACCES" });
      real?.(from, to);
    });
    expectCode("file-no-permission", () => output.commit());
    rename.mockImplementation((from, to) => real?.(from, to));
    expect(read(out)).toBe("old");
    expect(fs.readdirSync(out)).toHaveLength(2);
    output.abandon();
    const again = begin(out, true);
    expect(again.resumed).toBe(true);
    expect(again.readJournal()).toEqual([1]);
    newModel(again).commit();
    expect(read(out)).toBe("new");
  });

  it("refuses at commit when something foreign has come to the name meanwhile", () => {
    const out = join(temporaryFolder(), "merged");
    const output = newModel(begin(out));
    fs.mkdirSync(out);
    fs.writeFileSync(join(out, "diary.txt"), "");
    expectCode("output-foreign", () => output.commit());
    expect(fs.readdirSync(out)).toEqual(["diary.txt"]);
    output.discard();
  });

  it("puts the old output back when a run died between the two renames", () => {
    const out = oldModel();
    newModel(begin(out)).abandon();
    fs.renameSync(out, join(out, "..", ".merged.ties-old"));
    const output = begin(out, true);
    expect(read(out)).toBe("old");
    newModel(output).commit();
    expect(read(out)).toBe("new");
    expect(fs.readdirSync(join(out, ".."))).toEqual(["merged"]);
  });

  it("removes an old output that a run had already replaced", () => {
    const out = oldModel();
    fs.cpSync(out, join(out, "..", ".merged.ties-old"), { recursive: true });
    begin(out).discard();
    expect(fs.readdirSync(join(out, ".."))).toEqual(["merged"]);
    expect(read(out)).toBe("old");
  });
});
