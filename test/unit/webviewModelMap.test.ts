/** The model map's layout, its labels, its scale and the keyboard's way through it. */
import { expect, test } from "vitest";
import { roundEnd, scaleColor } from "../../webview/overview/colorScale";
import { layerLabels } from "../../webview/overview/layerLabels";
import { mapGrid } from "../../webview/overview/mapGrid";
import { shortName } from "../../webview/overview/shortName";
import { walk } from "../../webview/overview/mapWalk";

const grid = (names: string[]): ReturnType<typeof mapGrid> =>
  mapGrid(names.map((name) => ({ name, shape: [2, 2], dtype: "F32", elements: 4, group: "" })));

const LLAMA = [
  "model.embed_tokens.weight",
  ...[0, 1].flatMap((layer) =>
    ["self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj", "input_layernorm", "post_attention_layernorm"].map(
      (module) => `model.layers.${layer}.${module}.weight`,
    ),
  ),
  "model.norm.weight",
  "lm_head.weight",
];

test("layers by kinds, what is outside above and below", () => {
  const { columns, rows } = grid(LLAMA);
  expect(columns).toEqual(["q", "o", "up", "norm"]);
  expect(rows.map(({ role, label }) => role ?? label)).toEqual(["embed", "0", "1", "norm", "head"]);
  expect(rows[0]!.cells.map(({ column, span }) => [column, span])).toEqual([[0, 4]]);
  expect(rows[1]!.cells.map(({ tensors }) => tensors.length)).toEqual([1, 1, 1, 2]);
});

test("outside the layers biases come last, below the column of biases", () => {
  const layer = ["model.layers.0.mlp.bias", "model.layers.0.mlp.weight"];
  const { columns, rows } = grid(["embed.bias", "embed.weight", ...layer]);
  expect(columns.at(-1)).toBe("bias");
  const names = rows[0]!.cells.map(({ tensors }) => tensors[0]!.name);
  expect(names).toEqual(["embed.weight", "embed.bias"]);
});

test("no tensor is left out or shown twice, whatever the names", () => {
  const odd = ["a", "", "x.y.z", "layer1.0.conv1.weight", "0.weight", "classifier.1.weight", "lora_A", "a/b/layer_3/c"];
  odd.push("__proto__", "constructor.weight", "toString", "layers.0.__proto__");
  const many = Array.from({ length: 60 }, (_, i) => `layers.${i % 3}.unheard_of_${i}.weight`);
  const loose = Array.from({ length: 100 }, (_, i) => `thing${i}.weight`);
  for (const names of [odd, many, loose, [...odd, ...many, ...loose, ...LLAMA]]) {
    const { columns, width, rows } = grid(names);
    const shown = rows.flatMap(({ cells }) => cells.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
    expect(shown.sort()).toEqual([...names].sort());
    expect(columns.length).toBeLessThanOrEqual(24);
    for (const { cells } of rows) {
      let at = 0;
      for (const { column, span } of cells) {
        expect(column).toBeGreaterThanOrEqual(at);
        expect(span).toBeGreaterThan(0);
        at = column + span;
      }
      expect(at).toBeLessThanOrEqual(width);
    }
  }
});

test("labels leave out what all layers share", () => {
  const labels = (layers: string[]): string[] => [...layerLabels(layers).values()];
  expect(labels(["model.layers.0", "model.layers.10"])).toEqual(["0", "10"]);
  expect(labels(["encoder.block.0", "decoder.block.0"])).toEqual(["encoder.0", "decoder.0"]);
  expect(labels(["text_model.encoder.layers.0", "vision_model.encoder.layers.1"])).toEqual([
    "text_model.0",
    "vision_model.1",
  ]);
  expect(labels(["layer1.0", "layer4.2"])).toEqual(["layer1.0", "layer4.2"]);
  expect(labels(["r.stages.0.layers.1", "r.stages.1.layers.1"])).toEqual(["stages.0.1", "stages.1.1"]);
});

test("up and down keep the place over gaps and wide cells", () => {
  const map = grid([
    "embed.weight",
    "h.0.attn.c_attn.weight",
    "h.0.mlp.c_fc.weight",
    "h.0.ln_1.weight",
    "h.1.ln_1.weight",
    "h.2.attn.c_attn.weight",
    "h.2.ln_1.weight",
  ]);
  const from = (row: number, cell: number, key: string, control = false): unknown => {
    const place = walk(map, { row, cell }, key, control);
    return place && [place.row, place.cell];
  };
  expect(from(0, 0, "ArrowDown")).toEqual([1, 1]);
  expect(from(1, 2, "ArrowDown")).toEqual([2, 0]);
  expect(from(2, 0, "ArrowDown")).toEqual([3, 1]);
  expect(from(1, 0, "ArrowLeft")).toEqual([1, -1]);
  expect(from(1, -1, "ArrowLeft")).toEqual([1, -1]);
  expect(from(0, 0, "ArrowLeft")).toEqual([0, 0]);
  expect(from(1, -1, "ArrowDown")).toEqual([2, -1]);
  expect(from(1, 0, "End")).toEqual([1, 2]);
  expect(from(1, 0, "End", true)).toEqual([3, 0]);
  expect(from(0, 0, "ArrowUp")).toEqual([0, 0]);
  expect(from(1, 1, "x")).toBe(null);
});

test("scales end at a round number that no value exceeds, and start at nothing", () => {
  expect([0, 0.061, 0.1, 0.13, 0.87, 1, 2.94, 1e-7].map(roundEnd)).toEqual([1, 0.08, 0.1, 0.15, 1, 1, 3, 1e-7]);
  expect(scaleColor(0)).toMatchObject({
    "background-color": "color-mix(in oklab, var(--ties-scale-1) 0.0%, var(--ties-scale-0))",
    color: "var(--ties-scale-ink-low)",
  });
  expect(scaleColor(1)).toMatchObject({
    "background-color": "color-mix(in oklab, var(--ties-scale-4) 100.0%, var(--ties-scale-3))",
    color: "var(--ties-scale-ink-high)",
  });
});

test("outside the layers the last word of a name tells tensors apart", () => {
  const names = [
    "model.embed_tokens.weight",
    "lm_head.weight",
    "lm_head.bias",
    "classifier.0.weight",
    "logit_scale",
    "weight",
  ];
  const short = ["embed_tokens", "lm_head", "lm_head.bias", "classifier.0", "logit_scale", "weight"];
  expect(names.map(shortName)).toEqual(short);
});
