/** The config of an output of another dtype: what it says of the dtype is true, all else is as it was. */
import { describe, expect, it } from "vitest";
import { outputConfig } from "../../src/engine/plan/outputConfig";

const CONFIG = `{
  "a": "torch_dtype",
  "initializer_factor": 1.0,
  "rope_theta": 1e6,
  "big": 12345678901234567890,
  "text_config": { "dtype": "float32", "note": "} \\" {" },
  "torch_dtype" : "float32",
  "dtype":null
}
`;

it("says the dtype of the output, and keeps every other character", () => {
  const expected = CONFIG.replace('"torch_dtype" : "float32"', '"torch_dtype" : "bfloat16"');
  expect(outputConfig(CONFIG, { outDtype: "BF16", untied: false })).toBe(expected);
});

it("stays as it is for the base's dtype, and where it is no object or says nothing", () => {
  expect(outputConfig(CONFIG, { outDtype: null, untied: false })).toBe(CONFIG);
  for (const text of ["{", '["dtype", "float32"]', '{"hidden_size": 4.0}', '{"x": {"dtype": "float32"}}']) {
    expect(outputConfig(text, { outDtype: "F16", untied: false })).toBe(text);
  }
});

describe("an output whose head is its own", () => {
  const untied = (config: string): string => outputConfig(config, { outDtype: null, untied: true });

  it("says that it is not tied, at every place that speaks of it", () => {
    const config = `{"x": 1.0, "tie_word_embeddings" : true, "text_config": {"tie_word_embeddings":true}}`;
    expect(untied(config)).toBe(config.replaceAll("true", "false"));
  });

  it("says so where the config takes it for granted", () => {
    expect(untied(`{\n  "x": 1.0\n}`)).toBe(`{\n  "tie_word_embeddings": false, "x": 1.0\n}`);
    expect(JSON.parse(untied(`{"text_config": {"tie_word_embeddings": true}}`))).toEqual({
      tie_word_embeddings: false,
      text_config: { tie_word_embeddings: false },
    });
    expect(untied(`["no object"]`)).toBe(`["no object"]`);
  });
});
