/** Models of another architecture: one error at once, and not a list of all their tensors. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { floats, writeCheckpointSet } from "../fixtures/checkpointSet";
import { messageOf } from "../fixtures/messageOf";
import { quietContext } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";

const folder = temporaryFolder();
const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());
let cases = 0;
const here = (): string => join(folder, String(cases++));

const layers = (count: number, width: number): FixtureTensors =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`layers.${i}.weight`, floats(Array(width).fill(1))]));
const llama = { model_type: "llama", hidden_size: 2, num_hidden_layers: 12 };

const message = (base: object, tensors: FixtureTensors, config?: object): Promise<string> =>
  messageOf(
    engine.plan(
      writeCheckpointSet(here(), { tensors: layers(12, 2), config: base }, [{ tensors, config }]),
      quietContext,
    ),
  );

describe("another architecture", () => {
  it("is told from the configs", async () => {
    const text = await message(llama, layers(12, 3), { ...llama, model_type: "qwen2", hidden_size: 3 });
    expect(text).toContain(
      "architecture-differs: m0 and the base have different architectures: model_type is qwen2, not llama; hidden_size is 3, not 2",
    );
    expect(text).not.toContain("layers.");
  });

  it("is told from a language model's part of the config", async () => {
    const inner = { model_type: "gemma3", text_config: { hidden_size: 3 } };
    const text = await message({ model_type: "gemma3", text_config: { hidden_size: 2 } }, layers(12, 3), inner);
    expect(text).toContain("hidden_size is 3, not 2");
  });

  it("is told from the headers where there is no config", async () => {
    const text = await message({}, layers(12, 3));
    expect(text).toMatch(
      /^architecture-differs: .*0 of 12 tensors have the same name and shape; m0: layers\.0\.weight is/,
    );
  });

  it("is not a reason to refuse where all tensors match; a note says so", async () => {
    const set = writeCheckpointSet(here(), { tensors: layers(2, 2), config: llama }, [
      { tensors: layers(2, 2), config: { ...llama, model_type: "mistral" } },
    ]);
    const { notes } = await engine.plan(set, quietContext);
    expect(notes).toEqual(["m0 is configured otherwise: model_type is mistral, not llama"]);
  });

  it("is not what a model with another head is", async () => {
    const text = await message(llama, { ...layers(12, 2), "score.weight": floats([1]) }, llama);
    expect(text).toMatch(/^tensors-missing: .*score\.weight/);
  });
});
