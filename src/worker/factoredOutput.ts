/** Writes what adapters' merged changes are factored to, and keeps the journal of it. */
import { elementCount } from "../engine/format/tensorEntry";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import { factoringOf } from "../engine/plan/factoring";
import type { WriteBehind } from "../io/writeBehind";
import type { Factoring } from "../protocol/engineApi";
import { factorDtype, factorsOf, mergeFactored, type FactoredTensor } from "./factoredRun";
import type { MergeJournal } from "./mergeJournal";
import type { PreparedSet } from "./preparedSet";
import type { Run } from "./run";

interface FactorOutputs {
  journal: MergeJournal;
  behind: WriteBehind;
  /** Where a factor is written, by its name. */
  place: (name: string) => { file: string; offset: number };
  onStart: (phase: "trim" | "merge", tensor: string) => void;
}

/** A and B of a merged change, as the output has them. */
export function factorSpecs(
  prepared: PreparedSet,
  tensor: number,
): { name: string; outDtype: string; outShape: number[] }[] {
  const { a, b } = factorsOf(prepared, tensor);
  const outDtype = factorDtype(prepared, tensor);
  return [a, b].map(({ name, shape }) => ({ name, outDtype, outShape: shape }));
}

/** Merges every change and writes its factors; `resumed` of them an earlier run had finished. */
export async function writeFactored(
  prepared: PreparedSet,
  run: Run,
  { journal, behind, place, onStart }: FactorOutputs,
): Promise<{ factoring: Factoring; replaced: number; baseNonFinite: number; resumed: number }> {
  const { tensors, set } = prepared;
  const nameOf = (tensor: number): string => tensors[tensor].name;
  let resumed = 0;
  const results = await mergeFactored(prepared, run, {
    output: place,
    finished: (tensor) => {
      const found = finishedFactors(prepared, tensor, journal, place);
      if (found) resumed++;
      return found;
    },
    knownRules: (first) => journal.rulesOf(nameOf(first)),
    onRules: (first, rules) => journal.noteRules(nameOf(first), rules),
    onTensor: (tensor, written, zeroSign) => {
      factorSpecs(prepared, tensor).forEach(({ name, outShape }, at) => {
        behind.wrote(place(name).file, elementCount(outShape) * BYTES_OF[factorDtype(prepared, tensor)]);
        journal.noteStretch(name, 0, written[at], zeroSign);
      });
    },
    onStart: (phase, tensor) => onStart(phase, nameOf(tensor)),
  });
  return {
    factoring: factoringOf(
      set.rank ?? 0,
      results.map(({ squares }, tensor) => ({ name: nameOf(tensor), squares })),
    ),
    replaced: results.reduce((sum, { replaced }) => sum + replaced, 0),
    baseNonFinite: results.reduce((sum, { baseNonFinite }) => sum + baseNonFinite, 0),
    resumed,
  };
}

function finishedFactors(
  prepared: PreparedSet,
  tensor: number,
  journal: MergeJournal,
  place: FactorOutputs["place"],
): FactoredTensor | undefined {
  const size = BYTES_OF[factorDtype(prepared, tensor)];
  const [a, b] = factorSpecs(prepared, tensor).map(({ name, outShape }) => {
    const { file, offset } = place(name);
    return journal.finished(name, 0, file, offset, elementCount(outShape) * size);
  });
  if (!a?.result.squares || !b) return undefined;
  const { squares, elected, replaced, baseNonFinite } = a.result;
  return { squares, elected, replaced, baseNonFinite, zeroSign: a.zeroSign };
}
