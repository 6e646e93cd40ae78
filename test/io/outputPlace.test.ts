import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { checkOutputPlace } from "../../src/io/outputChecks";
import { beginOutput } from "../../src/io/outputTransaction";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

vi.mock("node:fs", async (original) => ({ ...(await original<typeof fs>()), accessSync: vi.fn() }));
const { accessSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } = fs;
afterEach(() => vi.mocked(accessSync).mockReset());

const place = (out: string, inputs: string[] = [], overwrite = true) => ({ out, inputs, overwrite });

describe("an output's place", () => {
  it("is none of the inputs, holds none and lies in none", () => {
    const folder = temporaryFolder();
    const input = join(folder, "base", "model.safetensors");
    mkdirSync(join(folder, "base"));
    writeFileSync(input, "");
    for (const out of [input, join(folder, "base"), folder, join(folder, "base", "..", "base")]) {
      expectCode("output-is-input", () => checkOutputPlace(place(out, [input])));
    }
    expectCode("output-is-input", () =>
      checkOutputPlace(place(join(folder, "base", "merged"), [join(folder, "base")])),
    );
    expect(() => checkOutputPlace(place(join(folder, "base-merged"), [input, join(folder, "base")]))).not.toThrow();
    expect(() => checkOutputPlace(place(join(folder, "..base"), [input]))).not.toThrow();
  });

  it("is no input by way of links either", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "blobs"));
    mkdirSync(join(folder, "base"));
    writeFileSync(join(folder, "blobs", "1"), "");
    symlinkSync(join(folder, "blobs", "1"), join(folder, "base", "model.safetensors"));
    symlinkSync(join(folder, "base"), join(folder, "alias"));
    const input = join(folder, "base", "model.safetensors");
    // The folder of the link, the folder of its target, and both through another link.
    for (const name of ["base", "blobs", "alias"]) {
      expectCode("output-is-input", () =>
        checkOutputPlace(place(join(folder, name, "model.safetensors"), [join(folder, name, "model.safetensors")])),
      );
    }
    expectCode("output-is-input", () => checkOutputPlace(place(join(folder, "base"), [input])));
    expectCode("output-is-input", () => checkOutputPlace(place(join(folder, "blobs"), [input])));
    expectCode("output-is-input", () => checkOutputPlace(place(join(folder, "alias", "model.safetensors"), [input])));
  });

  it("is in a folder, or below one that is there, in which the file system lets write", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "plain.txt"), "");
    const below = join("new", "folders", "out");
    checkOutputPlace(place(join(folder, below)));
    expectCode("file-missing", () => checkOutputPlace(place(join(folder, "plain.txt", below))));
    // The superuser may write everywhere: the file system's answer is put in its mouth.
    vi.mocked(accessSync).mockImplementation((path) => {
      if (path === folder) throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    });
    for (const out of ["out", below, "m.safetensors"]) {
      const { details } = expectCode("file-no-permission", () => checkOutputPlace(place(join(folder, out))));
      expect(details.where).toBe(folder);
    }
    // What was begun there is gone on with in a folder of its own.
    mkdirSync(join(folder, ".out.ties-partial"));
    checkOutputPlace(place(join(folder, "out")));
  });

  it("is free, or an empty folder, unless overwriting is asked for", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "full"));
    writeFileSync(join(folder, "full", "model.safetensors"), "");
    writeFileSync(join(folder, "m.safetensors"), "");
    symlinkSync("nothing", join(folder, "broken"));
    for (const name of ["none", "empty"]) checkOutputPlace(place(join(folder, name), [], false));
    for (const name of ["full", "m.safetensors", "broken"]) {
      expectCode("output-exists", () => checkOutputPlace(place(join(folder, name), [], false)));
    }
    checkOutputPlace(place(join(folder, "full")));
    checkOutputPlace(place(join(folder, "m.safetensors")));
  });

  it("is never a folder or file that is no model, nor one with folders in it", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "notes"));
    writeFileSync(join(folder, "notes", "diary.txt"), "");
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "models", "llama"), { recursive: true });
    writeFileSync(join(folder, "models", "x.safetensors"), "");
    mkdirSync(join(folder, "ours"));
    writeFileSync(join(folder, "ours", "ties_recipe.yml"), "");
    expectCode("output-foreign", () => checkOutputPlace(place(join(folder, "notes"))));
    expectCode("output-foreign", () => checkOutputPlace(place(join(folder, "file"))));
    const error = expectCode("output-has-folders", () => checkOutputPlace(place(join(folder, "models"))));
    expect(error.details.folder).toBe("llama");
    checkOutputPlace(place(join(folder, "ours")));
    expectCode("output-bad-name", () => checkOutputPlace(place("/")));
  });

  it("is left as it was when it is refused", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "notes"));
    writeFileSync(join(folder, "notes", "diary.txt"), "");
    for (const overwrite of [true, false]) {
      const request = { ...place(join(folder, "notes"), [], overwrite), resume: false, fingerprint: "" };
      expectCode(overwrite ? "output-foreign" : "output-exists", () => beginOutput(request));
    }
    expect(readdirSync(folder)).toEqual(["notes"]);
    expect(readdirSync(join(folder, "notes"))).toEqual(["diary.txt"]);
  });

  it("does not let a link stand for the partial folder", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "precious"));
    writeFileSync(join(folder, "precious", "file"), "");
    symlinkSync("precious", join(folder, ".merged.ties-partial"));
    const request = { ...place(join(folder, "merged")), resume: false, fingerprint: "" };
    expectCode("output-foreign", () => beginOutput(request));
    expect(readdirSync(join(folder, "precious"))).toEqual(["file"]);
  });
});
