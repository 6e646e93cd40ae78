/** `MODEL+ADAPTER` is what PEFT's `merge_and_unload` makes of the two. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { createEngine } from "../../src/worker/engine";
import { FileCache } from "../../src/worker/fileCache";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { readTensor } from "../fixtures/readTensor";
import { readValues } from "../fixtures/readValues";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";

const PEFT = resolve("test/fixtures/peft");
const base = join(PEFT, "base");
const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

let outputs = 0;
async function merged(model: string, options: object = {}): Promise<string> {
  const here = join(folder, String(outputs++));
  mkdirSync(here);
  const set = createMergeSet({ method: "linear", models: [{ path: model }], ...options });
  await engine.merge({ set, output: bareOutput(here), statistics: false }, quietContext);
  return join(here, "out.safetensors");
}

function expectClose(actual: Record<string, number[]>, expected: Record<string, number[]>, within = 1e-6): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    expect(actual[name]).toHaveLength(values.length);
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[name][i])), 0);
    expect(worst, name).toBeLessThan(within);
  }
}

describe("the numbers of merge_and_unload", () => {
  it.each([
    ["ranks and alphas by module, embeddings, convolutions, Conv1D, a saved head", "lora"],
    ["use_rslora and trained biases", "rslora"],
    ["weights in PyTorch's format", "bin"],
    ["only weights stored as [in, out], a square one among them", "conv1d"],
    ["(IA)³ with feed-forward modules and a saved norm", "ia3"],
    ["(IA)³ of convolutions and Conv1D", "ia3-conv"],
  ])("%s", async (_, name) => {
    const file = await merged(`${base}+${join(PEFT, name)}`);
    expectClose(readValues(file), readValues(join(PEFT, "merged", `${name}.safetensors`)));
  });

  it("of a bf16 adapter, without its rounding of ΔW to bf16", async () => {
    const file = await merged(`${base}+${join(PEFT, "bf16")}`);
    expectClose(readValues(file), readValues(join(PEFT, "merged", "bf16.safetensors")), 4e-3);
  });
});

it("takes a square weight as those of the same name are stored, or says that it cannot tell", () => {
  expect(() => openCheckpoint(`${base}+${join(PEFT, "mixed")}`)).toThrow(
    expect.objectContaining({ code: "adapter-orientation" }),
  );
});

it("is the same entry whichever range is read", () => {
  const { tensors } = openCheckpoint(`${base}+${join(PEFT, "lora")}`);
  const files = new FileCache();
  for (const { file, view, computed, end, name } of tensors.values()) {
    if (!computed) continue;
    const source = files.source({ file, view, computed });
    const whole = new Uint8Array(end);
    source.read(0, whole);
    for (const step of [1, 5, 7, 64]) {
      for (let entry = 0; entry * 4 < end; entry += step) {
        const part = new Uint8Array(Math.min(step * 4, end - entry * 4));
        source.read(entry * 4, part);
        expect(part, name).toEqual(whole.slice(entry * 4, entry * 4 + part.length));
      }
    }
  }
  files.closeAll();
});

it("is a model of TIES like the merged one", async () => {
  const full = (name: string): string => join(PEFT, "merged", `${name}.safetensors`);
  const options = { method: "ties", compat: "reference", base, density: 0.3 };
  const adapted = { ...options, models: ["lora", "rslora"].map((name) => ({ path: `${base}+${join(PEFT, name)}` })) };
  const copies = { ...options, models: ["lora", "rslora"].map((name) => ({ path: full(name) })) };
  expectClose(readValues(await merged("", adapted)), readValues(await merged("", copies)), 2e-6);
});

it("changes a model in a smaller dtype before anything is rounded, and is written in the model's", async () => {
  const here = join(folder, "half");
  mkdirSync(here);
  const toHalf = createMergeSet({ method: "linear", models: [{ path: base }], outDtype: "BF16" });
  await engine.merge({ set: toHalf, output: bareOutput(here), statistics: false }, quietContext);
  const half = join(here, "out.safetensors");
  const name = "layers.0.q.weight";
  const tensor = openCheckpoint(`${half}+${join(PEFT, "bin")}`).tensors.get(name);
  expect(tensor).toMatchObject({ dtype: "F32", computed: { stored: "BF16" } });
  const difference = readTensor(join(PEFT, "merged", "bin.safetensors"), name).map(
    (value, i) => value - readTensor(join(base, "model.safetensors"), name)[i],
  );
  const file = await merged(`${half}+${join(PEFT, "bin")}`, { outDtype: "F32" });
  const half32 = readTensor(half, name);
  readTensor(file, name).forEach((value, i) => expect(value - half32[i]).toBeCloseTo(difference[i], 6));
  const written = await merged(`${half}+${join(PEFT, "bin")}`);
  expect(openCheckpoint(written).tensors.get(name)?.dtype).toBe("BF16");
});

it("finds the modules of a model whose class puts one more name in front", () => {
  const values = readValues(join(base, "model.safetensors"));
  const shapes = openCheckpoint(base).tensors;
  const renamed = (change: (name: string) => string): string => {
    const path = join(folder, `renamed-${outputs++}.safetensors`);
    const tensors = Object.entries(values).map(([name, entries]) => {
      return [change(name), { dtype: "F32" as const, shape: shapes.get(name)?.shape ?? [], values: entries }];
    });
    writeSafetensors(path, Object.fromEntries(tensors) as FixtureTensors);
    return path;
  };
  const longer = renamed((name) => `model.${name}`);
  expect(
    openCheckpoint(`${longer}+${join(PEFT, "bin")}`).tensors.get("model.layers.0.q.weight")?.computed,
  ).toBeDefined();
  const shorter = renamed((name) => name.replace("layers.", ""));
  expect(openCheckpoint(`${shorter}+${join(PEFT, "conv1d")}`).tensors.get("0.mix.weight")?.computed).toBeDefined();
  const other = renamed((name) => name.replace("layers.", "blocks."));
  expect(() => openCheckpoint(`${other}+${join(PEFT, "conv1d")}`)).toThrow(
    expect.objectContaining({
      code: "adapter-module-missing",
      details: expect.objectContaining({ count: 4, list: expect.stringContaining("layers.0.down.weight") as string }),
    }),
  );
});

it("reads an adapter that was written again in its place", async () => {
  const here = join(folder, "again");
  cpSync(join(PEFT, "conv1d"), here, { recursive: true });
  const before = readValues(await merged(`${base}+${here}`));
  const path = join(here, "adapter_model.safetensors");
  const bytes = readFileSync(path);
  const values = Number(bytes.readBigUInt64LE(0)) + 8;
  for (let at = values; at < bytes.length; at += 4) bytes.writeFloatLE(2 * bytes.readFloatLE(at), at);
  await new Promise((wait) => setTimeout(wait, 20));
  writeFileSync(path, bytes);
  const after = readValues(await merged(`${base}+${here}`));
  const plain = readTensor(join(base, "model.safetensors"), "layers.0.mix.weight");
  after["layers.0.mix.weight"].forEach((value, i) => {
    expect(value - plain[i]).toBeCloseTo(4 * (before["layers.0.mix.weight"][i] - plain[i]), 5);
  });
});
