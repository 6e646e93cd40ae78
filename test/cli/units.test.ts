/** Sizes as people write them. */
import { describe, expect, it } from "vitest";
import { formatBytes, formatSeconds, parseSize } from "../../src/engine/units";

describe("a size", () => {
  it.each([
    ["5GB", 5e9],
    ["1GiB", 2 ** 30],
    ["1.5 kb", 1500],
    ["512mib", 2 ** 29],
    ["4096", 4096],
    ["7B", 7],
  ])("%s is %d bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(["", "GB", "-1GB", "0", "5 apples", "1e9", "0x10", "1GBs", "Infinity", "99999999TB"])("%j is none", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});

describe("what is shown", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [1_234_567, "1.23 MB"],
    [16e9, "16.0 GB"],
    [2.5e12, "2.50 TB"],
  ])("of %d bytes is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.04, "0.0 s"],
    [9.94, "9.9 s"],
    [59.6, "1 min 0 s"],
    [125, "2 min 5 s"],
    [7265, "2 h 1 min"],
  ])("of %d seconds is %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});
