import { expect, it, vi } from "vitest";
import { parseDensity } from "../../../src/host/dialog/densityStep";
import { progressText } from "../../../src/host/merge/progressText";
import { ThrottledProgress } from "../../../src/host/merge/throttledProgress";
import type { MergeProgress } from "../../../src/protocol/engineApi";

vi.mock("vscode", () => ({
  l10n: { t: (text: string, ...details: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(details[Number(i)])) },
}));

const at = (done: number, more: Partial<MergeProgress> = {}): MergeProgress => ({
  phase: "merge",
  tensor: "layers.0.weight",
  done,
  total: 1000,
  secondsLeft: null,
  ...more,
});

it("passes on four messages a second, each new phase at once, and loses no progress", () => {
  let now = 0;
  const reports: [number, number][] = [];
  const throttle = new ThrottledProgress(
    ({ done }, grown) => reports.push([done, grown]),
    () => now,
  );
  for (now = 0; now < 1000; now += 10) throttle.take(at(now));
  throttle.take(at(1000, { phase: "finish" }));
  expect(reports.map(([done]) => done)).toEqual([0, 250, 500, 750, 1000]);
  expect(reports.reduce((sum, [, grown]) => sum + grown, 0)).toBeCloseTo(1);
});

it("names the share, the time left and the tensor", () => {
  expect(progressText(at(456, { secondsLeft: 41.2 }))).toBe("45 % · 42 s left · merging · layers.0.weight");
  expect(progressText(at(0, { phase: "check", tensor: "" }))).toBe("0 % · checking");
  expect(progressText(at(10, { secondsLeft: 61 }))).toContain("2 min left");
  expect(progressText(at(10, { secondsLeft: 7320 }))).toContain("2 h 2 min left");
});

it("never rounds up to 100 %", () => {
  expect(progressText(at(999.9))).toMatch(/^99 %/);
});

it.each([
  ["0.2", 0.2],
  ["0,2", 0.2],
  ["1", 1],
  [".5", 0.5],
  ["1e-3", 0.001],
  ["0", null],
  ["1.1", null],
  ["-0.2", null],
  ["20 %", null],
  ["", null],
  ["NaN", null],
  ["0x1", null],
])("reads the density %j as %s", (text, density) => {
  expect(parseDensity(text)).toBe(density);
});
