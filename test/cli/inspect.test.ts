/** `inspect` shows the interference as a table, JSON or CSV. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { writeSmallSet } from "../fixtures/smallSet";
import type { SmallSet } from "../fixtures/smallSet";

const folder = temporaryFolder();
let set: SmallSet;
beforeAll(() => {
  set = writeSmallSet(folder);
});
const inspect = (...args: string[]): ReturnType<typeof runCli> =>
  runCli(["inspect", ...set.flags, ...args], { cwd: folder });

describe("inspect --json", () => {
  it("has the figures of the whole, of the layers and of the tensors", async () => {
    const { code, stdout, stderr } = await inspect("--json", "-", "--quiet");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(stdout) as InterferenceReport;
    expect(report.format).toBe("ties-merge-report/1");
    expect(report.models).toEqual([
      { name: "math", path: set.math },
      { name: "code", path: set.code },
    ]);
    expect(report.totals).toMatchObject({
      elements: 10,
      overlap: [5, 2, 3],
      conflict: 2,
      conflictBefore: 2,
      elected: { positive: 2, negative: 3, cancelled: 0 },
      models: [
        { density: 0.3, threshold: 0.5, kept: 4, positive: 3, negative: 1, lost: 1 },
        { density: 0.3, threshold: 0.25, kept: 4, positive: 2, negative: 2, lost: 1 },
      ],
      pairs: [{ i: 0, j: 1, bothKept: 3, disagree: 2 }],
    });
    expect(report.tensors.map(({ name, shape, dtype, conflict }) => [name, shape, dtype, conflict])).toEqual([
      ["layers.0.weight", [2, 3], "F32", 2],
      ["layers.1.weight", [4], "F32", 0],
    ]);
  });

  it("writes a file and leaves one that is there, unless told", async () => {
    expect(await inspect("--json", "report.json")).toMatchObject({ code: 0, stdout: "" });
    const first = readFileSync(join(folder, "report.json"), "utf8");
    expect((JSON.parse(first) as InterferenceReport).tensors).toHaveLength(2);
    writeFileSync(join(folder, "report.json"), "mine");
    const { code, stderr } = await inspect("--json", "report.json");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: A file of this name is there already \(report\.json\)/);
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe("mine");
    expect((await inspect("--json", "report.json", "--overwrite")).code).toBe(0);
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe(first);
  });

  it("replaces nothing of its inputs, even with --overwrite", async () => {
    const config = join(set.base, "config.json");
    const before = readFileSync(config, "utf8");
    const { code, stderr } = await inspect("--json", config, "--overwrite");
    expect(code).toBe(1);
    expect(stderr).toContain("error: The output would replace or contain the input");
    expect(readFileSync(config, "utf8")).toBe(before);
  });

  it("does not begin where the folder of its file is not there", async () => {
    const { code, stderr } = await inspect("--json", "nowhere/report.json");
    expect(code).toBe(1);
    expect(stderr).toContain("(nowhere)");
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });
});

it.skipIf(!existsSync("/dev/full"))("a report that finds no room is not told to resume", async () => {
  const { code, stderr } = await inspect("--json", "/dev/full", "--quiet");
  expect([code, stderr]).toEqual([
    1,
    "error: The disk is full (/dev/full). Free some space and run again, or choose another disk.\n",
  ]);
});

describe("inspect --csv", () => {
  it("has a row a tensor and columns that name the models", async () => {
    const { stdout } = await inspect("--csv", "-");
    const [header = "", ...rows] = stdout.split("\r\n");
    expect(rows).toHaveLength(3);
    const columns = header.split(",");
    const cells = (rows[0] ?? "").split(",");
    const cell = (name: string): string | undefined => cells[columns.indexOf(name)];
    expect([cell("name"), cell("shape"), cell("conflict"), cell("kept:math"), cell("threshold:code")]).toEqual([
      "layers.0.weight",
      "2x3",
      "2",
      "3",
      "0.25",
    ]);
    expect([cell("overlap:2"), cell("disagree:math:code")]).toEqual(["3", "2"]);
    expect(cells).toHaveLength(columns.length);
  });
});

describe("inspect", () => {
  it("prints tables with the density asked for beside the one that came out", async () => {
    const { code, stdout } = await inspect();
    expect(code).toBe(0);
    expect(stdout).toMatch(/in conflict +20\.00 % \(before trimming 20\.00 %\)/);
    expect(stdout).toMatch(/math +30\.00 % +40\.00 %/);
    expect(stdout).toMatch(/layers\.0\.weight +6 +33\.33 % .* 30\.00 % → 50\.00 %/);
  });
});
