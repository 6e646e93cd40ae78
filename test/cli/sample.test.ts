/** `inspect --sample` estimates the figures from a share of the entries, and says how far they may be off. */
import { beforeAll, describe, expect, it } from "vitest";
import type { InterferenceReport } from "../../src/protocol/report";
import { writeRandomSet, type RandomSet } from "../fixtures/randomSet";
import { runCli, temporaryFolder } from "../fixtures/runCli";

const folder = temporaryFolder();
let set: RandomSet;
let exact: InterferenceReport;

const inspect = (...args: string[]): ReturnType<typeof runCli> => {
  const models = set.models.flatMap((path) => ["--model", path]);
  return runCli(["inspect", "--base", set.base, ...models, ...args], { cwd: folder });
};
const reportOf = async (...args: string[]): Promise<InterferenceReport> => {
  const { code, stdout, stderr } = await inspect("--json", "-", "--quiet", ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as InterferenceReport;
};

beforeAll(async () => {
  set = writeRandomSet(folder, { models: ["math", "code"], layers: 3, edge: 300 });
  exact = await reportOf();
}, 60_000);

describe("inspect --sample", () => {
  it("says what it looked at, and is about as far off as it says", async () => {
    const { sample, totals, tensors } = await reportOf("--sample", "5%");
    expect(sample?.elements).toBe(exact.totals.elements);
    expect((sample?.entries ?? 0) / (sample?.elements ?? 1)).toBeCloseTo(0.05, 2);
    expect(sample?.bytesRead).toBe(3 * 4 * (sample?.entries ?? 0));
    expect(tensors.map(({ name }) => name)).toEqual(exact.tensors.map(({ name }) => name));
    const margin = totals.margins?.conflict ?? 0;
    expect(margin).toBeGreaterThan(0);
    expect(margin).toBeLessThan(0.5 * exact.totals.conflict);
    expect(Math.abs(totals.conflict - exact.totals.conflict)).toBeLessThan(2 * margin);
  });

  it.each(["dare_ties", "breadcrumbs", "magnitude_prune"])("estimates what %s keeps", async (method) => {
    const flags = ["--method", method, "--density", "0.4"];
    const [estimated, whole] = [await reportOf("--sample", "5%", ...flags), await reportOf(...flags)];
    const margin = estimated.totals.margins?.conflict ?? 0;
    expect(margin).toBeGreaterThan(0);
    expect(margin).toBeLessThan(0.5 * whole.totals.conflict);
    expect(Math.abs(estimated.totals.conflict - whole.totals.conflict)).toBeLessThan(2 * margin);
    estimated.totals.models.forEach(({ keptNorm }, t) => {
      const exactly = whole.totals.models[t]!.keptNorm;
      expect(Math.abs(keptNorm - exactly) / exactly).toBeLessThan(0.1);
    });
  });

  it("is nearer with more entries, and exact with all of them", async () => {
    const [some, more, all] = [
      await reportOf("--sample", "0.02"),
      await reportOf("--sample", "40%"),
      await reportOf("--sample", "100%"),
    ];
    expect(more.totals.margins?.conflict).toBeLessThan(some.totals.margins?.conflict ?? 0);
    expect(all.sample?.entries).toBe(exact.totals.elements);
    expect(all.totals.margins?.conflict).toBe(0);
    expect(all.totals).toMatchObject({ conflict: exact.totals.conflict, overlap: exact.totals.overlap });
  });

  it("shows half of the interval behind the figures of the table", async () => {
    const { stdout } = await inspect("--sample", "5%");
    expect(stdout).toMatch(/^Estimated from [\d,]+ of 270,900 entries \(\d\.\d\d %\), .* ± is half of a 95 % interval/);
    expect(stdout).toMatch(/in conflict +\d+\.\d\d % ±\d+\.\d\d \(before trimming/);
    expect((await inspect()).stdout).not.toContain("±");
  });

  it("has the margins behind the columns of the CSV", async () => {
    const [header = "", row = ""] = (await inspect("--sample", "5%", "--csv", "-")).stdout.split("\r\n");
    const at = header.split(",").indexOf("margin:conflict");
    expect(Number(row.split(",")[at])).toBeGreaterThan(0);
    expect((await inspect("--csv", "-")).stdout).not.toContain("margin:");
  });

  it.each(["0", "0%", "101%", "1.5", "some", "-1"])("refuses %s", async (share) => {
    const { code, stderr } = await inspect(`--sample=${share}`);
    expect(code).toBe(2);
    expect(stderr).toContain("--sample must be a share of the entries above 0");
  });

  it("refuses what has no estimates", async () => {
    expect(await inspect("--sample", "5%", "--html", "report.html")).toMatchObject({ code: 2 });
  });

  it.each([
    ["--method=della", "--density=0.5"],
    ["--method=sce", "--select-topk=0.3"],
  ])("estimates %s", async (...method) => {
    const exact = JSON.parse((await inspect(...method, "--json", "-")).stdout) as InterferenceReport;
    const some = JSON.parse((await inspect("--sample", "5%", ...method, "--json", "-")).stdout) as InterferenceReport;
    const { conflict, margins, elements } = some.totals;
    expect(margins!.conflict).toBeGreaterThan(0);
    expect(margins!.conflict / elements).toBeLessThan(0.05);
    expect(Math.abs(conflict - exact.totals.conflict)).toBeLessThan(2 * margins!.conflict);
    const all = JSON.parse((await inspect("--sample", "1", ...method, "--json", "-")).stdout) as InterferenceReport;
    expect(all.totals).toMatchObject({ conflict: exact.totals.conflict, overlap: exact.totals.overlap });
    expect(all.totals.margins?.conflict).toBe(0);
  });
});
