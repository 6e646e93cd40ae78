import { homedir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commonParent, freePath, parseOutput, touchesInput } from "../../../src/host/dialog/outputPath";

it("proposes the deepest folder that holds all inputs", () => {
  expect(commonParent(["/w/models/base", "/w/models/a"])).toBe("/w/models");
  expect(commonParent(["/w/models/base", "/w/models/tuned/a", "/w/models/tuned/b"])).toBe("/w/models");
  expect(commonParent(["/w/models-2/base", "/w/models/a"])).toBe("/w");
  expect(commonParent(["/w/models"])).toBe("/w");
});

it("never proposes the root of the disk", () => {
  expect(commonParent(["/disk/base", "/home/a"])).toBe("/disk");
});

it("takes the next name that is free", async () => {
  const taken = new Set(["/w/merged", "/w/merged-2"]);
  expect(await freePath("/w", "merged", async (path) => taken.has(path))).toBe("/w/merged-3");
});

it("wants a full path, and knows the home folder", () => {
  expect(parseOutput("/w/x/../merged/")).toBe("/w/merged");
  expect(parseOutput("~/merged")).toBe(join(homedir(), "merged"));
  expect(parseOutput("merged")).toBeNull();
  expect(parseOutput("")).toBeNull();
});

it("sees an output that would lie in, on or around an input", () => {
  for (const out of ["/w/base", "/w", "/w/base/merged"]) expect(touchesInput(out, "/w/base"), out).toBe(true);
  for (const out of ["/w/base-2", "/w/merged", "/w/..base"]) expect(touchesInput(out, "/w/base"), out).toBe(false);
});
