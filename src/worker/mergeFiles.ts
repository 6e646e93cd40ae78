/** The files of a merge's output: where its tensors stand, and what goes along with them. */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { ADAPTER_CONFIG } from "../engine/format/weightsFiles";
import { ADAPTER_WEIGHTS } from "../engine/plan/adapterOutput";
import { planOutput, type OutputPlan } from "../engine/plan/outputPlan";
import { listCompanions } from "../io/companions";
import { isBareFile } from "../io/outputChecks";
import type { OutputChoice } from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import { factorSpecs } from "./factoredOutput";
import type { PreparedSet } from "./preparedSet";

const OWN_FILES = ["README.md", "ties_recipe.yml"];

/** What the merge itself says of the output. */
export const ownFiles = ({ adapter }: PreparedSet): string[] => (adapter ? [ADAPTER_CONFIG, ...OWN_FILES] : OWN_FILES);

export function outputPlanOf(prepared: PreparedSet, { out, shardSize }: OutputChoice): OutputPlan {
  const { tensors, base, models, adapter, factors } = prepared;
  const { metadata } = base ?? models[0];
  if (!adapter) return planOutput(tensors, metadata, shardSize, isBareFile(out) ? basename(out) : null);
  // PEFT reads its one file, whatever its size.
  if (isBareFile(out)) throw new MergeError("adapter-output-file", { where: out });
  const written = factors ? tensors.flatMap((_, tensor) => factorSpecs(prepared, tensor)) : tensors;
  return planOutput(written, metadata, shardSize, ADAPTER_WEIGHTS);
}

/** Small files of the base's folder (averaging without a base: the first model's) that go along. */
export function companionsOf({ base, models }: PreparedSet): { name: string; path: string }[] {
  const { folder } = base ?? models[0];
  if (!statSync(folder).isDirectory()) return [];
  return listCompanions(folder)
    .filter((name) => !OWN_FILES.includes(name))
    .map((name) => ({ name, path: join(folder, name) }));
}
