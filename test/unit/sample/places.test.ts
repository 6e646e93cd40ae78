/** Figures of a place, such as a layer's experts, are those of its tensors together, whichever way they are counted. */
import { expect, it } from "vitest";
import { PlainKernels } from "../../../src/engine/kernels/plain";
import { SampleEstimator } from "../../../src/engine/sample/estimator";
import type { TiesRules } from "../../../src/protocol/mergeSet";
import { placesOf } from "../../../src/protocol/places";
import { figuresLength } from "../../../src/protocol/sample";
import { heldTensors, sampleSettings, type MemoryTensor } from "../../fixtures/heldSet";
import { seeded } from "../../fixtures/mergeCase";

const MODELS = 3;
const EXPERTS = 5;
const LAYERS = 2;

const random = seeded(11);
/** Entries of few magnitudes: equal ones are usual. */
const drawn = (elements: number): Float32Array =>
  Float32Array.from({ length: elements }, () => Math.round(8 * (random() - 0.5) ** 3 * 40) / 8);
const tensor = (name: string, shape: number[]): MemoryTensor => {
  const elements = shape.reduce((product, length) => product * length, 1);
  return {
    name,
    shape,
    base: new Float32Array(elements),
    models: Array.from({ length: MODELS }, () => drawn(elements)),
  };
};
const tensors = Array.from({ length: LAYERS }, (_, layer) => [
  ...Array.from({ length: EXPERTS }, (__, expert) =>
    tensor(`layers.${layer}.mlp.experts.${expert}.up_proj.weight`, [96, 64]),
  ),
  tensor(`layers.${layer}.input_layernorm.weight`, [96]),
  tensor(`layers.${layer}.post_attention_layernorm.weight`, [96]),
]).flat();
const { held } = heldTensors([...tensors, tensor("lm_head.weight", [300, 96])], 12_000);
const nothing = (): Promise<void> => Promise.resolve();
const sample = () =>
  new SampleEstimator(
    held,
    () => new PlainKernels(MODELS),
    () => {
      throw new Error("a problem in a sound sample");
    },
  );

it("experts of a layer are one place, its norms another, and the head is one by itself", () => {
  const { tensors: inside } = placesOf(held);
  expect(inside.map((of) => of.length)).toEqual([EXPERTS, 2, EXPERTS, 2, 1]);
  expect(held.filter(({ whole }) => !whole).length).toBeGreaterThan(LAYERS * EXPERTS);
});

const cases: [string, Partial<TiesRules>, number][] = [
  ["model scope", {}, 0.2],
  ["model scope, equal magnitudes parted by position", { trimTies: "exact" }, 0.3],
  ["tensor scope", { trimScope: "tensor", trimTies: "exact" }, 0.4],
];
for (const [name, rules, density] of cases) {
  it(`the figures of places do not depend on whether tensors are counted too: ${name}`, async () => {
    const chosen = sampleSettings(held.length, MODELS, density, rules);
    const places = await sample().figures(chosen, { tensors: false, margins: true }, nothing);
    const whole = await sample().figures(chosen, { tensors: true, margins: true }, nothing);
    expect(places.figures.length).toBe((1 + places.groups.length + places.places) * figuresLength(MODELS));
    expect(whole.figures.length).toBe(places.figures.length + held.length * figuresLength(MODELS));
    places.figures.forEach((figure, at) => {
      const other = whole.figures[at]!;
      expect(Math.abs(figure - other) <= 1e-9 * Math.abs(other) || Object.is(figure, other), `figure ${at}`).toBe(true);
      const [margin, otherMargin] = [places.margins[at]!, whole.margins[at]!];
      expect(Math.abs(margin - otherMargin) <= 1e-5 * otherMargin || Object.is(margin, otherMargin)).toBe(true);
    });
  });
}

it("without margins nothing is said of how far figures may be off, not even nothing", async () => {
  const { margins } = await sample().figures(
    sampleSettings(held.length, MODELS, 0.2, {}),
    { tensors: false, margins: false },
    nothing,
  );
  expect(margins.every(Number.isNaN)).toBe(true);
});
