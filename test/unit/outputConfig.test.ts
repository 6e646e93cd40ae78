/** The config of an output of another dtype: what it says of the dtype is true, all else is as it was. */
import { expect, it } from "vitest";
import { configForDtype } from "../../src/engine/plan/outputConfig";

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
  expect(configForDtype(CONFIG, "BF16")).toBe(expected);
});

it("stays as it is for the base's dtype, and where it is no object or says nothing", () => {
  expect(configForDtype(CONFIG, null)).toBe(CONFIG);
  for (const text of ["{", '["dtype", "float32"]', '{"hidden_size": 4.0}', '{"x": {"dtype": "float32"}}']) {
    expect(configForDtype(text, "F16")).toBe(text);
  }
});
