import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { naiveStatistics } from "../fixtures/naiveStatistics";
import { naiveTies } from "../fixtures/naiveTies";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

const shapes = { "layers.0.a": [40, 30], "layers.0.b": [17], "layers.1.a": [1, 3, 50], head: [] };

for (const zeroSign of ["majority", "positive"] as const) {
  for (const trimScope of ["model", "tensor"] as const) {
    for (const models of [1, 2, 4]) {
      it(`every field of ${models} models, ${trimScope} scope, zero sign ${zeroSign}`, async () => {
        const here = join(folder, `${zeroSign}-${trimScope}-${models}`);
        const rules = { trimScope, zeroSign, trimTies: "inclusive" as const };
        const { set, tensors } = writeMergeCase({ folder: here, shapes, models, rules, seed: models });
        const report = await engine.inspect({ set }, quietContext);
        const result = naiveTies(set, tensors);
        const byName = (name: string) => tensors.filter((tensor) => tensor.name === name);
        for (const tensor of report.tensors) {
          expect(tensor).toMatchObject(naiveStatistics(result, byName(tensor.name)));
        }
        expect(report.tensors.map(({ name }) => name)).toEqual(Object.keys(shapes).sort());
        expect(report.totals).toMatchObject(naiveStatistics(result, tensors));
        const layer0 = report.groups.find(({ name }) => name === "layers.0");
        expect(layer0).toMatchObject(naiveStatistics(result, [...byName("layers.0.a"), ...byName("layers.0.b")]));
      });
    }
  }
}

for (const zeroSign of ["majority", "positive"] as const) {
  it(`a model of weight 0 loses all that it keeps, by count as by mass, zero sign ${zeroSign}`, async () => {
    const here = join(folder, `weightless-${zeroSign}`);
    const { set } = writeMergeCase({ folder: here, shapes, models: 2, weights: [1, 0], rules: { zeroSign } });
    const { totals } = await engine.inspect({ set }, quietContext);
    const { kept, lost, lostMass } = totals.models[1];
    expect(kept).toBeGreaterThan(0);
    expect({ lost, lostMass }).toEqual({ lost: kept, lostMass: 1 });
    // What it alone keeps sums to 0.
    const { positive, negative, cancelled } = totals.elected;
    expect(positive + negative + cancelled).toBe(totals.elements - totals.overlap[0]);
  });
}

it("is the same alone and in the pass of the merge", async () => {
  const here = join(folder, "same-pass");
  const { set } = writeMergeCase({ folder: here, shapes, models: 3 });
  const output = { out: join(here, "out"), shardSize: 5e9, overwrite: false, resume: false };
  const alone = await engine.inspect({ set }, quietContext);
  const { report } = await engine.merge({ set, output, statistics: true }, quietContext);
  expect(report).toEqual(alone);
});
