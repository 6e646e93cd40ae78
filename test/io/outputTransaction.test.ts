import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { beginOutput } from "../../src/io/outputTransaction";
import type { OutputRequest, OutputTransaction } from "../../src/io/outputTransaction";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const begin = (out: string, request: Partial<OutputRequest> = {}): OutputTransaction =>
  beginOutput({ out, overwrite: false, resume: false, inputs: [], fingerprint: "f", ...request });

function writeModel(output: OutputTransaction, contents: string): void {
  writeFileSync(output.createFile("model.safetensors", contents.length), contents, { flag: "r+" });
  output.writeSmallFile("config.json", bytes("{}"));
  output.appendJournal({ tensor: "a" });
}

describe("an output folder", () => {
  it("is not there until commit, then has its files and nothing else; nothing is left beside it", () => {
    const parent = temporaryFolder();
    const out = join(parent, "new", "merged");
    const output = begin(out);
    writeModel(output, "weights");
    expect(existsSync(out)).toBe(false);
    expect(dirname(output.folder)).toBe(dirname(out));
    expect(output.commit()).toEqual({ leftover: null });
    expect(readdirSync(out).sort()).toEqual(["config.json", "model.safetensors"]);
    expect(readFileSync(join(out, "model.safetensors"), "utf8")).toBe("weights");
    expect(readdirSync(dirname(out))).toEqual(["merged"]);
    output.abandon();
    output.discard();
    expect(readdirSync(out)).toHaveLength(2);
  });

  it("may take the place of an empty folder", () => {
    const out = join(temporaryFolder(), "merged");
    mkdirSync(out);
    const output = begin(out);
    writeModel(output, "weights");
    output.commit();
    expect(existsSync(join(out, "model.safetensors"))).toBe(true);
  });

  it("leaves nothing when it is discarded", () => {
    const parent = temporaryFolder();
    const output = begin(join(parent, "merged"));
    writeModel(output, "weights");
    output.discard();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("takes file names only, and not the transaction's own", () => {
    const output = begin(join(temporaryFolder(), "merged"));
    for (const name of ["", ".", "..", "a/b", "../a", "a\\b", ".ties-merge.lock", ".ties-merge.journal.new"]) {
      expect(() => output.createFile(name, 1), name).toThrow();
    }
    output.discard();
    expect(() => output.createFile("late", 1)).toThrow();
  });
});

describe("an output file", () => {
  it("appears at its name alone", () => {
    const parent = temporaryFolder();
    const out = join(parent, "merged.safetensors");
    const output = begin(out);
    writeFileSync(output.createFile("merged.safetensors", 4), "data", { flag: "r+" });
    expect(() => output.writeSmallFile("config.json", bytes("{}"))).toThrow();
    expect(existsSync(out)).toBe(false);
    output.commit();
    expect(readdirSync(parent)).toEqual(["merged.safetensors"]);
    expect(readFileSync(out, "utf8")).toBe("data");
  });

  it("replaces another with overwrite, a link and not what it points to", () => {
    const parent = temporaryFolder();
    const out = join(parent, "merged.safetensors");
    writeFileSync(join(parent, "target"), "old");
    symlinkSync("target", out);
    expectCode("output-exists", () => begin(out));
    const output = begin(out, { overwrite: true });
    output.writeSmallFile("merged.safetensors", bytes("new"));
    output.commit();
    expect(lstatSync(out).isSymbolicLink()).toBe(false);
    expect(readFileSync(out, "utf8")).toBe("new");
    expect(readFileSync(join(parent, "target"), "utf8")).toBe("old");
  });

  it("does not replace a folder", () => {
    const out = join(temporaryFolder(), "merged.safetensors");
    mkdirSync(out);
    expectCode("output-foreign", () => begin(out, { overwrite: true }));
  });
});

describe("resume", () => {
  const interrupted = (out: string): void => {
    const output = begin(out);
    writeModel(output, "weights");
    output.createFile("unused.safetensors", 3);
    output.abandon();
  };

  it("keeps files of the right size, and the journal", () => {
    const out = join(temporaryFolder(), "merged");
    interrupted(out);
    const output = begin(out, { resume: true });
    expect(output.resumed).toBe(true);
    expect(output.readJournal()).toEqual([{ tensor: "a" }]);
    expect(readFileSync(output.createFile("model.safetensors", 7), "utf8")).toBe("weights");
    expect(output.isKept("model.safetensors")).toBe(true);
    output.commit();
    // What this run did not ask for is no part of the output.
    expect(readdirSync(out)).toEqual(["model.safetensors"]);
  });

  it("makes a file of another size anew, of zeros", () => {
    const out = join(temporaryFolder(), "merged");
    interrupted(out);
    const output = begin(out, { resume: true });
    expect([...readFileSync(output.createFile("model.safetensors", 2))]).toEqual([0, 0]);
    expect(output.isKept("model.safetensors")).toBe(false);
    output.discard();
  });

  it("refuses what other inputs or another recipe left, and keeps it", () => {
    const out = join(temporaryFolder(), "merged");
    interrupted(out);
    expectCode("resume-changed", () => begin(out, { resume: true, fingerprint: "g" }));
    const output = begin(out, { resume: true });
    expect(output.readJournal()).toEqual([{ tensor: "a" }]);
    output.discard();
  });

  it("starts anew where there is nothing; without it, what was left is thrown away", () => {
    const out = join(temporaryFolder(), "merged");
    const fresh = begin(out, { resume: true });
    expect(fresh.resumed).toBe(false);
    fresh.discard();
    interrupted(out);
    const output = begin(out, { fingerprint: "g" });
    expect(output.readJournal()).toEqual([]);
    expect(readdirSync(output.folder).some((name) => name.endsWith(".safetensors"))).toBe(false);
    output.discard();
  });
});
