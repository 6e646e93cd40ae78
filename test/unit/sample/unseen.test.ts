/**
 * What a sample has not met: fine-tunes that change few rows, of which the blocks of a tensor may show none. No figure
 * of such a sample says that it is exact, and its intervals hold.
 */
import { expect, it } from "vitest";
import { PlainKernels } from "../../../src/engine/kernels/plain";
import { SampleEstimator } from "../../../src/engine/sample/estimator";
import { figureKinds } from "../../../src/protocol/sample";
import { heldTensors, sampleSettings, sparseTensors } from "../../fixtures/heldSet";

const MODELS = 2;
const DEPTH = { tensors: true, margins: true };
const nothing = (): Promise<void> => Promise.resolve();
const noProblem = (): never => {
  throw new Error("a problem in a sound sample");
};

it("is neither nowhere nor exact", { timeout: 120_000 }, async () => {
  const kinds = figureKinds(MODELS);
  let [hits, all, unseen] = [0, 0, 0];
  const exactly: string[] = [];
  for (let seed = 1; seed <= 24; seed++) {
    const tensors = sparseTensors(seed, MODELS, [0.03, 0.1, 0.3][seed % 3]!);
    const estimator = (entries: number): SampleEstimator =>
      new SampleEstimator(heldTensors(tensors, entries).held, () => new PlainKernels(MODELS), noProblem);
    const settings = sampleSettings(tensors.length, MODELS, 0.2, seed % 2 === 0 ? { trimScope: "tensor" } : {});
    const exact = await estimator(Infinity).figures(settings, DEPTH, nothing);
    const { figures, margins } = await estimator(9000).figures(settings, DEPTH, nothing);
    figures.forEach((figure, at) => {
      const { isCount, isNorm, shareOfNone } = kinds[at % kinds.length]!;
      const [truth, margin] = [exact.figures[at]!, margins[at]!];
      if (at % kinds.length === 0 || !(isCount || isNorm || shareOfNone !== null) || Number.isNaN(figure)) return;
      if (margin === 0) exactly.push(`figure ${at % kinds.length} of row ${Math.floor(at / kinds.length)}`);
      if (figure === 0) unseen++;
      // Nothing is said of a norm of which nothing was seen.
      if (Number.isNaN(margin) || Number.isNaN(truth)) return;
      all++;
      if (Math.abs(figure - truth) <= margin + 1e-6 * Math.abs(truth)) hits++;
    });
  }
  expect(exactly).toEqual([]);
  expect(unseen).toBeGreaterThan(100);
  expect(hits / all).toBeGreaterThanOrEqual(0.95);
});
