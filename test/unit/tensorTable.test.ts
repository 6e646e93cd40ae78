import fc from "fast-check";
import { expect, it } from "vitest";
import { layerGroup } from "../../src/protocol/layerGroup";
import { packTensors, sameTensors, unpackTensors } from "../../src/protocol/tensorTable";

const segment = fc.constantFrom("model", "layers", "0", "1", "12", "mlp", "q_proj", "weight", "", "norm", "é");
const tensor = fc.record({
  name: fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(".")),
  shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  dtype: fc.constantFrom("F32", "BF16"),
});
const tensors = fc.array(tensor, { maxLength: 30 });

it("gives back what was packed, in its order", () => {
  fc.assert(
    fc.property(tensors, (list) => {
      expect(unpackTensors(structuredClone(packTensors(list)))).toEqual(
        list.map((of) => ({
          ...of,
          elements: of.shape.reduce((product, size) => product * size, 1),
          group: layerGroup(of.name),
        })),
      );
    }),
  );
});

it("tells tables of the same tensors from others", () => {
  fc.assert(
    fc.property(tensors, tensors, (one, other) => {
      expect(sameTensors(packTensors(one), structuredClone(packTensors(one)))).toBe(true);
      expect(sameTensors(packTensors(one), packTensors(other))).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

it("takes a tenth of what the tensors take one by one, where layers repeat", () => {
  const list = Array.from({ length: 1000 }, (_, at) => ({
    name: `model.layers.${Math.floor(at / 100)}.mlp.experts.${at % 100}.up_proj.weight`,
    shape: [16, 16],
    dtype: "F32",
  }));
  const { groupOf, restOf, kindOf, ...texts } = packTensors(list);
  const bytes = JSON.stringify(texts).length + groupOf.byteLength + restOf.byteLength + kindOf.byteLength;
  expect(bytes).toBeLessThan(JSON.stringify(unpackTensors(packTensors(list))).length / 8);
});
