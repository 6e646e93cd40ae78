import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { manifest, ROOT } from "./manifest";

it("gives editors with a YAML extension the schema of recipes, for files that are certainly recipes", () => {
  const [{ fileMatch, url }] = manifest.contributes.yamlValidation;
  expect(existsSync(join(ROOT, url))).toBe(true);
  expect(fileMatch).toContain("ties_recipe.yml");
  // A schema on every YAML file would mark them all.
  for (const pattern of fileMatch) expect(pattern).not.toMatch(/^\*\.ya?ml$/);
});
