/** Opening the folder of an adapter, whole or hostile. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { MergeError } from "../../src/protocol/errors";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";

const PEFT = resolve("test/fixtures/peft");
const BASE = join(PEFT, "base");
const folder = temporaryFolder();
let copies = 0;

function copyOf(
  name: string,
  change: (config: Record<string, unknown>, here: string) => void = () => undefined,
): string {
  const here = join(folder, String(copies++));
  cpSync(join(PEFT, name), here, { recursive: true });
  const file = join(here, "adapter_config.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  change(config, here);
  writeFileSync(file, JSON.stringify(config));
  return here;
}

const LORA = { peft_type: "LORA", r: 2, lora_alpha: 4 };

function made(config: unknown, tensors: Record<string, number[]>, dtype = "F32"): string {
  const here = join(folder, String(copies++));
  mkdirSync(here);
  writeFileSync(join(here, "adapter_config.json"), typeof config === "string" ? config : JSON.stringify(config));
  const all = Object.entries(tensors).map(([name, shape]) => {
    const bytes = new Uint8Array(shape.reduce((product, size) => product * size, dtype === "F32" ? 4 : 8));
    return [`base_model.model.${name}`, { dtype, shape, bytes }];
  });
  writeSafetensors(join(here, "adapter_model.safetensors"), Object.fromEntries(all) as FixtureTensors);
  return here;
}

function failure(open: () => unknown): MergeError {
  try {
    open();
  } catch (error) {
    if (error instanceof MergeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the folder of an adapter", () => {
  it("is a checkpoint of its own tensors", () => {
    const { format, files, adapter, tensors } = openCheckpoint(join(PEFT, "lora"));
    expect(format).toBe("peft");
    expect(files).toEqual(["adapter_model.safetensors", "adapter_config.json"].map((name) => join(PEFT, "lora", name)));
    expect(tensors.get("base_model.model.layers.0.q.lora_A.weight")?.shape).toEqual([2, 12]);
    expect([...(adapter?.saved.keys() ?? [])]).toEqual(["head.bias", "head.weight"]);
  });

  it("is meant by its file of weights, too", () => {
    expect(openCheckpoint(join(PEFT, "bin", "adapter_model.bin")).path).toBe(join(PEFT, "bin"));
  });

  it("takes alpha and rank from the patterns", () => {
    const scalings = openCheckpoint(join(PEFT, "lora")).adapter?.modules.map((module) => [
      module.module,
      module.kind === "lora" && module.scaling,
    ]);
    expect(Object.fromEntries(scalings ?? [])).toMatchObject({
      conv: 3 / 4,
      embed: 6 / 4,
      "layers.0.q": 6 / 2,
      "layers.1.q": 5 / 4,
      "layers.1.v": 5 / 3,
    });
  });
});

const pair = { "q.lora_A.weight": [2, 12], "q.lora_B.weight": [11, 2] };

describe("refused with one clear error", () => {
  it.each<[string, string, () => string]>([
    ["a config that is no JSON", "adapter-config", () => made("{", pair)],
    ["a config that says a thing twice", "adapter-config", () => made('{"peft_type":"LORA","peft_type":"IA3"}', pair)],
    ["a config without a type", "adapter-config", () => made({}, pair)],
    ["a rank that is none", "adapter-config", () => made({ ...LORA, r: 0 }, pair)],
    ["an alpha that is no number", "adapter-config", () => made({ ...LORA, lora_alpha: "4" }, pair)],
    ["a pattern without end", "adapter-config", () => made({ ...LORA, alpha_pattern: { "(a+)+$": 1 } }, pair)],
    ["another type", "adapter-type", () => made({ peft_type: "PREFIX_TUNING" }, pair)],
    ["DoRA", "adapter-option", () => made({ ...LORA, use_dora: true }, pair)],
    [
      "an init that changes the base",
      "adapter-option",
      () => made({ ...LORA, init_lora_weights: "pissa_niter_4" }, pair),
    ],
    ["no lora_B", "adapter-factor-missing", () => made(LORA, { "q.lora_A.weight": [2, 12] })],
    ["no lora_A", "adapter-factor-missing", () => made(LORA, { "q.lora_B.weight": [11, 2] })],
    ["factors that disagree", "adapter-factors-differ", () => made(LORA, { ...pair, "q.lora_B.weight": [11, 3] })],
    ["a rank that the config has otherwise", "adapter-rank", () => made({ ...LORA, r: 4 }, pair)],
    ["tensors of something else", "adapter-tensor-unknown", () => made(LORA, { "q.lora_magnitude_vector": [11] })],
    ["(IA)³ in a LoRA", "adapter-tensor-unknown", () => made(LORA, { "q.ia3_l": [11, 1] })],
    ["factors that are a matrix", "adapter-factors-shape", () => made({ peft_type: "IA3" }, { "q.ia3_l": [11, 2] })],
    ["nothing", "adapter-empty", () => made(LORA, {})],
    ["integers", "adapter-dtype", () => made(LORA, pair, "I64")],
    [
      "a config alone",
      "adapter-weights-missing",
      () => copyOf("a", (_, here) => rmSync(join(here, "adapter_model.safetensors"))),
    ],
  ])("%s", (_, code, write) => expect(failure(() => openCheckpoint(write())).code).toBe(code));

  it("weights without a config", () => {
    const here = copyOf("a");
    rmSync(join(here, "adapter_config.json"));
    expect(failure(() => openCheckpoint(here)).code).toBe("adapter-config-missing");
  });

  const on = (adapter: string): MergeError => failure(() => openCheckpoint(`${BASE}+${adapter}`));

  it("an adapter of another model: its shapes, or its modules by name", () => {
    const shapes = { "layers.0.q.lora_A.weight": [2, 12], "layers.0.q.lora_B.weight": [99, 2] };
    const error = on(made(LORA, shapes));
    expect(error.code).toBe("adapter-shape");
    expect(error.details).toMatchObject({ shape: "[11, 12]", expected: "[99, 12]" });
    expect(error.details.where).toMatch(/: layers\.0\.q$/);
    const missing = on(made(LORA, pair));
    expect([missing.code, missing.details.list]).toEqual(["adapter-module-missing", "q.weight"]);
  });

  it("(IA)³ factors of another length", () => {
    expect(on(made({ peft_type: "IA3" }, { "layers.0.q.ia3_l": [5, 1] })).code).toBe("adapter-shape");
  });

  it("an adapter on an adapter, and what is none", () => {
    expect(failure(() => openCheckpoint(`${join(PEFT, "a")}+${join(PEFT, "b")}`)).code).toBe("adapter-as-base");
    expect(on(BASE).code).toBe("adapter-not-adapter");
    expect(on(join(PEFT, "none")).code).toBe("checkpoint-missing");
    const twice = failure(() => openCheckpoint(`${BASE}+${join(PEFT, "a")}+${join(PEFT, "b")}`));
    expect(twice.code).toBe("adapter-several");
  });
});
