/** The JSON Schema that ships is the one that the validator's tables give (`vitest -u` writes it anew). */
import { format } from "prettier";
import { expect, it } from "vitest";
import { PARAMETER_KEYS, TOP_LEVEL_KEYS } from "../../src/engine/plan/recipeKeys";
import { recipeSchema } from "../../src/engine/plan/recipeSchema";

it("is in media/recipe.schema.json", async () => {
  const text = await format(JSON.stringify(recipeSchema()), { parser: "json", printWidth: 120 });
  await expect(text).toMatchFileSnapshot("../../media/recipe.schema.json");
});

it("has every key of a recipe, and no other", () => {
  interface Mapping {
    properties: Record<string, Mapping>;
    additionalProperties: boolean;
  }
  const { properties, additionalProperties } = recipeSchema() as unknown as Mapping;
  expect(Object.keys(properties).sort()).toEqual([...TOP_LEVEL_KEYS].sort());
  expect(Object.keys(properties.parameters.properties).sort()).toEqual([...PARAMETER_KEYS].sort());
  expect([additionalProperties, properties.parameters.additionalProperties]).toEqual([false, false]);
});
