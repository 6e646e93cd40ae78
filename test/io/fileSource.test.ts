import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFileSource } from "../../src/io/fileSource";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

describe("openFileSource", () => {
  it("reads any range, and only into its target", () => {
    const path = join(temporaryFolder(), "f");
    writeFileSync(path, "0123456789");
    const source = openFileSource(path);
    expect([source.name, source.size]).toEqual([path, 10]);
    const whole = new Uint8Array(6).fill(0x2e);
    source.read(3, whole.subarray(1, 5));
    source.read(10, new Uint8Array());
    expect(new TextDecoder().decode(whole)).toBe(".3456.");
    source.close();
    source.close();
  });

  it("reads beyond 4 GiB, where positions no longer fit 32 bits", () => {
    const path = join(temporaryFolder(), "sparse");
    const file = openSync(path, "w");
    const far = 5 * 2 ** 30 + 3;
    ftruncateSync(file, far);
    writeSync(file, "end", far);
    closeSync(file);
    const source = openFileSource(path);
    const target = new Uint8Array(4);
    source.read(far - 1, target);
    source.close();
    expect(source.size).toBe(far + 3);
    expect([...target]).toEqual([0, ...new TextEncoder().encode("end")]);
  });

  it("fails when the file has become shorter, and says how much", () => {
    const path = join(temporaryFolder(), "f");
    writeFileSync(path, "0123456789");
    const source = openFileSource(path);
    truncateSync(path, 4);
    const error = expectCode("read-failed", () => source.read(2, new Uint8Array(6)));
    expect(error.details).toMatchObject({ where: path, message: "the file ends at byte 4, 4 bytes too early" });
    source.close();
  });

  it("opens regular files only, and does not wait at a pipe", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "folder"));
    expectCode("not-a-file", () => openFileSource(join(folder, "folder")));
    expectCode("file-missing", () => openFileSource(join(folder, "nothing")));
    expectCode("file-missing", () => openFileSource(join(folder, "nothing", "below")));
    if (process.platform === "win32") return;
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expectCode("not-a-file", () => openFileSource(join(folder, "pipe")));
  });
});
