/** Adapters put side by side: PEFT's combination type `cat`, for ranks and modules that need not be the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { MergeSet } from "../../src/protocol/mergeSet";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { createEngine } from "../../src/worker/engine";
import { quietContext } from "../fixtures/mergeCase";
import { adapterSetOf, changesOf, changesOfPeft, largestDifference, PEFT } from "../fixtures/peftAdapters";
import { readValues } from "../fixtures/readValues";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

let outputs = 0;

async function merge(set: MergeSet): Promise<string> {
  const out = join(folder, String(outputs++));
  const output = { out, shardSize: 100, overwrite: false, resume: false };
  await engine.merge({ set, output, statistics: false }, quietContext);
  return out;
}

interface Config {
  r: number;
  lora_alpha: number;
  rank_pattern: Record<string, number>;
  alpha_pattern: Record<string, number>;
  target_modules: string[];
  use_rslora: boolean;
}
const configOf = (out: string): Config => JSON.parse(readFileSync(join(out, "adapter_config.json"), "utf8")) as Config;

const SAME = { a: 1, b: 0.7, c: 0.4 };
const OTHER = { a: 1, d: -0.7 };

describe("adapters of one rank", () => {
  it("have the factors that add_weighted_adapter gives them", async () => {
    const out = await merge(adapterSetOf(SAME, { method: "cat" }));
    const merged = readValues(join(out, "adapter_model.safetensors"));
    expect(largestDifference(merged, readValues(join(PEFT, "combined", "cat.safetensors")))).toBeLessThan(1e-6);
    expect(configOf(out)).toMatchObject({ r: 12, lora_alpha: 12, rank_pattern: {}, alpha_pattern: {} });
  });

  it("have as many shares of their weights where those are divided by their sum", async () => {
    const [sum, mean] = [
      await merge(adapterSetOf(SAME, { method: "cat" })),
      await merge(adapterSetOf(SAME, { method: "cat", normalize: true })),
    ];
    const scaled = Object.entries(changesOf(sum)).map(([name, values]) => [name, values.map((value) => value / 2.1)]);
    expect(largestDifference(changesOf(mean), Object.fromEntries(scaled) as Record<string, number[]>)).toBeLessThan(
      1e-6,
    );
  });
});

describe("adapters of other ranks and modules", () => {
  it("change a model as PEFT's do", async () => {
    const out = await merge(adapterSetOf(OTHER, { method: "cat" }));
    expect(largestDifference(changesOf(out), changesOfPeft("cat-ranks", out))).toBeLessThan(1e-6);
  });

  it("have ranks that add up, and a config that names them by module", async () => {
    const out = await merge(adapterSetOf(OTHER, { method: "cat" }));
    const config = configOf(out);
    // a has the rank 4 in q, v, embed and conv; d has 2 in q, up and conv, but 3 in layers.1.q.
    const ranks = { "layers.0.q": 6, "layers.1.q": 7, "layers.0.v": 4, "layers.0.up": 2, embed: 4, conv: 6 };
    for (const [module, rank] of Object.entries(ranks))
      expect(config.rank_pattern[module] ?? config.r, module).toBe(rank);
    expect(config.alpha_pattern).toEqual(config.rank_pattern);
    expect(config.lora_alpha).toBe(config.r);
    expect(config.use_rslora).toBe(false);
    expect(config.target_modules).toEqual([
      ...["conv", "embed", "layers.0.q", "layers.0.up", "layers.0.v", "layers.1.q", "layers.1.up", "layers.1.v"],
    ]);
  });
});

describe("refused", () => {
  const refused = (set: MergeSet, code: string): Promise<void> => expect(merge(set)).rejects.toMatchObject({ code });

  it("adapters that are no LoRA", () => refused(adapterSetOf({ "ia3-a": 1 }, { method: "cat" }), "adapters-need-lora"));
  it("whole models", () =>
    refused(createMergeSet({ method: "cat", models: [{ path: join(PEFT, "base") }] }), "adapters-needed"));
  it("adapters with whole tensors", () =>
    refused(adapterSetOf({ a: 1, lora: 1 }, { method: "cat" }), "adapters-saved-tensors"));
  it("a base", () => {
    expect(() => adapterSetOf(SAME, { method: "cat", base: join(PEFT, "base") })).toThrow(/merge-set-invalid/);
  });
});
