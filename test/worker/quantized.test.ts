/** Quantized checkpoints are refused by name before a weight is read; plain F8 is merged. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { floats, writeCheckpointSet } from "../fixtures/checkpointSet";
import { messageOf } from "../fixtures/messageOf";
import { quietContext } from "../fixtures/mergeCase";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import type { FixtureTensor, FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());
let cases = 0;
const here = (): string => join(folder, String(cases++));

const codes = (dtype: string, bytes: number): FixtureTensor => ({
  dtype,
  shape: [bytes / (dtype === "I32" ? 4 : 1)],
  bytes: new Uint8Array(bytes),
});
const f8: FixtureTensor = { dtype: "F8_E4M3", shape: [2], values: [1, 2] };

const message = (tensors: FixtureTensors, config?: object): Promise<string> => {
  const both = { tensors, config };
  return messageOf(engine.plan(writeCheckpointSet(here(), both, [both]), quietContext));
};

describe("a quantized checkpoint is refused", () => {
  it.each<[string, FixtureTensors, string]>([
    [
      "F8 with scales",
      { "q.weight": f8, "q.weight_scale": floats([1]) },
      "F8_E4M3 with scales, found by q.weight_scale",
    ],
    ["F8 with inverse scales", { "q.weight": f8, "q.weight_scale_inv": floats([1]) }, "found by q.weight_scale_inv"],
    ["F8 with scales by other names", { "q.weight": f8, "q.scale": floats([1]) }, "found by q.scale"],
    ["F8 with scales behind the name", { "q.weight": f8, "q.weight.scale": floats([1]) }, "found by q.weight.scale"],
    ["F8 experts with scales", { "e.up": f8, "e.up_scale_inv": floats([1]) }, "found by e.up_scale_inv"],
    ["I8 with scales", { "q.weight": codes("I8", 4), "q.weight_scale": floats([1]) }, "I8 with scales"],
    ["compressed-tensors", { "q.weight_packed": codes("I32", 4), "q.weight_scale": floats([1]) }, "q.weight_packed"],
    ["GPTQ and AWQ", { "q.qweight": codes("I32", 4), "q.scales": floats([1]) }, "GPTQ or AWQ, found by q.qweight"],
    ["bitsandbytes", { "q.weight": codes("U8", 4), "q.weight.absmax": floats([1]) }, "bitsandbytes, 4 bits"],
    ["bitsandbytes of 8 bits", { "q.weight": codes("I8", 4), "q.SCB": floats([1]) }, "bitsandbytes, 8 bits"],
    ["MXFP4", { "e.up_blocks": codes("U8", 4), "e.up_scales": codes("U8", 4) }, "MXFP4, found by e.up_scales"],
  ])("of %s, by its tensors", async (_, tensors, found) => {
    const text = await message(tensors);
    expect(text).toMatch(/^quantized: This checkpoint is quantized/);
    expect(text).toContain(found);
    expect(text).toContain("base)");
  });

  it.each([
    [{ quantization_config: { quant_method: "gptq", bits: 4 } }, "gptq"],
    [{ quantization_config: { load_in_4bit: true } }, "bitsandbytes"],
    [{ text_config: { quantization_config: { quant_method: "fp8" } } }, "fp8"],
  ])("by its config %j", async (config, method) => {
    expect(await message({ a: floats([1]) }, config)).toContain(
      `(${method}, found by quantization_config in config.json)`,
    );
  });
});

describe("a checkpoint is merged", () => {
  it("of F8 without scales", async () => {
    const model: FixtureTensors = { w: { dtype: "F8_E4M3", shape: [2], values: [1, 4] } };
    const job = writeCheckpointSet(here(), { tensors: { w: f8 } }, [{ tensors: model }]);
    await engine.merge({ ...job, statistics: false }, quietContext);
    expect(readTensor(job.output.out, "w")).toEqual([1, 4]);
  });

  it("with scales that are plain parameters", async () => {
    const tensors = {
      "norm.weight": floats([1]),
      "norm.weight_scale": floats([2]),
      "norm.scale": floats([3]),
      logit_scale: floats([3]),
    };
    const job = writeCheckpointSet(here(), { tensors }, [{ tensors }]);
    await engine.plan(job, quietContext);
  });

  it("whose quantized tensors are left out", async () => {
    const tensors = { a: floats([1]), "q.weight": f8, "q.weight_scale": floats([1]) };
    const job = writeCheckpointSet(here(), { tensors }, [{ tensors }], { exclude: ["q.*"] });
    expect((await engine.plan(job, quietContext)).mergedTensors).toBe(1);
  });
});
