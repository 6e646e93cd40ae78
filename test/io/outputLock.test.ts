import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeLock } from "../../src/io/outputLock";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";

/** A process id that was in use a moment ago. */
const endedProcess = (): number => spawnSync(process.execPath, ["--version"]).pid;
const lockText = (owner: Partial<{ pid: number; host: string; started: number }>): string =>
  JSON.stringify({ pid: process.pid, host: hostname(), started: 0, ...owner });

describe("the lock", () => {
  it("is held once, and free again after release", () => {
    const path = join(temporaryFolder(), "lock");
    const lock = takeLock(path);
    expect(expectCode("output-locked", () => takeLock(path)).details).toMatchObject({ where: path, pid: process.pid });
    lock.release();
    expect(existsSync(path)).toBe(false);
    const again = takeLock(path);
    lock.release();
    expect(existsSync(path), "the second release of the first lock").toBe(true);
    again.release();
  });

  it("of a process that has ended is taken over", () => {
    const folder = temporaryFolder();
    const path = join(folder, "lock");
    writeFileSync(path, lockText({ pid: endedProcess() }));
    const lock = takeLock(path);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
    expect(readdirSync(folder)).toEqual(["lock"]);
    lock.release();
  });

  it("of an earlier process with the same number, as in containers, is taken over", () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, lockText({ started: 1_600_000_000_000 }));
    takeLock(path).release();
  });

  it("of a living process, or one on another machine, is respected", () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, lockText({ pid: process.ppid }));
    expectCode("output-locked", () => takeLock(path));
    writeFileSync(path, lockText({ pid: endedProcess(), host: "elsewhere" }));
    expect(expectCode("output-locked", () => takeLock(path)).details.host).toBe("elsewhere");
  });

  it("that cannot be read is respected for a moment, while it may be being written", () => {
    const path = join(temporaryFolder(), "lock");
    for (const torn of ["", "{", "null", '{"pid":"x"}']) {
      writeFileSync(path, torn);
      expectCode("output-locked", () => takeLock(path));
      utimesSync(path, 1, 1);
      takeLock(path).release();
    }
  });
});
