import { statfsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freeBytes } from "../../src/io/diskSpace";
import { temporaryFolder } from "../fixtures/temporaryFolder";

describe("freeBytes", () => {
  it("asks the disk of the nearest folder that exists", () => {
    const folder = temporaryFolder();
    const { bavail, bsize, blocks } = statfsSync(folder);
    const free = freeBytes(join(folder, "not", "yet", "there"));
    // Others write meanwhile: within 1 % of the disk.
    expect(Math.abs(free - bavail * bsize)).toBeLessThan(0.01 * blocks * bsize);
  });
});
