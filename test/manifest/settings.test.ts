import { expect, it } from "vitest";
import { firstArguments, manifest } from "./manifest";

const { properties } = manifest.contributes.configuration;

it("reads exactly the settings that package.json declares", () => {
  const read = firstArguments("read").map((key) => `tiesMerge.${key}`);
  expect(read.sort()).toEqual(Object.keys(properties).sort());
});

it("keeps what depends on the machine out of shared settings", () => {
  expect(properties["tiesMerge.threads"]?.scope).toBe("machine-overridable");
  expect(properties["tiesMerge.memoryLimit"]?.scope).toBe("machine-overridable");
});

it("has defaults that fit their own patterns", () => {
  for (const [key, { pattern, default: value }] of Object.entries(properties)) {
    if (pattern) expect(String(value), key).toMatch(new RegExp(pattern));
  }
});
