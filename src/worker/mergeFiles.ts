/** The files of a merge's output: where its tensors stand, and what goes along with them. */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { version } from "../../package.json";
import { buildSafetensorsIndex } from "../engine/format/safetensorsIndex";
import { elementCount } from "../engine/format/tensorEntry";
import { ADAPTER_CONFIG } from "../engine/format/weightsFiles";
import { ADAPTER_WEIGHTS } from "../engine/plan/adapterOutput";
import { modelCard } from "../engine/plan/modelCard";
import { outputConfig } from "../engine/plan/outputConfig";
import { planOutput, type OutputPlan } from "../engine/plan/outputPlan";
import { recipeYaml } from "../engine/plan/resolvedRecipe";
import { listCompanions } from "../io/companions";
import { readWholeFile } from "../io/fileSource";
import { isBareFile } from "../io/outputChecks";
import type { OutputTransaction } from "../io/outputTransaction";
import type { Factoring, OutputChoice } from "../protocol/engineApi";
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

/** What goes along with the weights of a folder. `outcome`: what became of values that were not finite, or factored. */
export function writeSmallFiles(
  prepared: PreparedSet,
  { shards }: OutputPlan,
  transaction: OutputTransaction,
  outcome: { nonFinite: number; baseNonFinite: number; factoring: Factoring | null },
): void {
  const { set, untied, adapter, notes } = prepared;
  const { outDtype } = set;
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  for (const { name, path } of companionsOf(prepared)) {
    const bytes = readWholeFile(path);
    const isConfig = name === "config.json";
    const content = isConfig ? text(outputConfig(new TextDecoder().decode(bytes), { outDtype, untied })) : bytes;
    transaction.writeSmallFile(name, content);
  }
  if (shards.length > 1) transaction.writeSmallFile("model.safetensors.index.json", buildSafetensorsIndex(shards));
  const written = shards.flatMap(({ tensors }) => tensors);
  const parameters = written.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const facts = { version, tensors: written.length, parameters, outDtype, adapterOf: adapter && adapter.base, notes };
  if (adapter) transaction.writeSmallFile(ADAPTER_CONFIG, text(adapter.config));
  transaction.writeSmallFile("README.md", text(modelCard({ set, ...facts, ...outcome })));
  transaction.writeSmallFile("ties_recipe.yml", text(recipeYaml(set)));
}

/** What other programs call one file of weights; `.safetensors` in other letters is no bare file either. */
const FILE_NAME = /\.(?:bin|pt|pth|ckpt|safetensors|gguf|onnx|h5|msgpack|npz)$/i;

/** In a sentence each, what may not be what the output's name says. */
export function outputNotes({ out }: Pick<OutputChoice, "out">): string[] {
  if (isBareFile(out) || !FILE_NAME.test(out)) return [];
  return [
    `the output ${basename(out)} will be a folder, with its weights in safetensors; ` +
      "for one bare file give a name that ends in .safetensors",
  ];
}
