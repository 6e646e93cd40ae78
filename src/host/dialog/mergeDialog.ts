/** The dialogs of the commands: which steps they have, and the merge set that comes out. */
import * as vscode from "vscode";
import { createMergeSet } from "../../engine/plan/createMergeSet";
import { ADAPTER_JOINT } from "../../engine/plan/modelReference";
import { withAdapters } from "../../engine/plan/withAdapters";
import { isAdapter } from "../../io/openCheckpoint";
import { DEFAULT_SELECT_TOPK, DEFAULT_T, type MergeSet } from "../../protocol/mergeSet";
import type { CheckpointIndex } from "../checkpoints/checkpointIndex";
import type { FoundCheckpoint } from "../checkpoints/findInFiles";
import type { EngineKeeper } from "../engineKeeper";
import { readSettings } from "../settings";
import { BaseStep } from "./baseStep";
import { Candidates } from "./candidates";
import type { MergeChoices } from "./choices";
import { DensityStep } from "./densityStep";
import { InterpolationStep } from "./interpolationStep";
import { MethodStep } from "./methodStep";
import { ModelsStep } from "./modelsStep";
import { OutputStep } from "./outputStep";
import { chosenRank, RankStep } from "./rankStep";
import { SelectionStep } from "./selectionStep";
import { statisticsOf, StatisticsStep } from "./statisticsStep";
import { runWizard, type WizardStep } from "./wizard";

export interface DialogServices {
  keeper: EngineKeeper;
  index: CheckpointIndex;
  log: vscode.LogOutputChannel;
}

/** Undefined: the person left. */
export async function askMerge(
  services: DialogServices,
  selection: readonly FoundCheckpoint[],
): Promise<{ set: MergeSet; out: string } | undefined> {
  const title = vscode.l10n.t("Merge Checkpoints");
  const choices = await ask(services, selection, title, (choices, candidates) => [
    new BaseStep(choices, candidates),
    new ModelsStep(choices, candidates),
    new MethodStep(choices),
    new RankStep(choices),
    new DensityStep(choices),
    new SelectionStep(choices),
    new InterpolationStep(choices),
    new StatisticsStep(choices),
    new OutputStep(choices),
  ]);
  return choices && { set: mergeSetOf(choices, services.log), out: choices.out };
}

/** Undefined: the person left. Interference is that of TIES. */
export async function askInspection(
  services: DialogServices,
  selection: readonly FoundCheckpoint[],
): Promise<MergeSet | undefined> {
  const title = vscode.l10n.t("Inspect Interference");
  const choices = await ask(services, selection, title, (choices, candidates) => [
    new BaseStep(choices, candidates),
    new ModelsStep(choices, candidates),
    new RankStep(choices),
    new DensityStep(choices),
  ]);
  return choices && mergeSetOf(choices, services.log);
}

/** Where a set that is already chosen is to be written. Undefined: the person left. */
export async function askOutput(set: MergeSet): Promise<string | undefined> {
  const models = set.models.flatMap(({ path }) => path.split(ADAPTER_JOINT));
  const [first = ""] = models;
  const choices: MergeChoices = {
    base: set.base ?? first,
    models,
    method: set.method,
    density: 1,
    t: DEFAULT_T,
    selectTopk: DEFAULT_SELECT_TOPK,
    statistics: [],
    out: "",
  };
  const done = await runWizard(vscode.l10n.t("Merge Checkpoints"), [new OutputStep(choices)]);
  return done ? choices.out : undefined;
}

async function ask(
  { keeper, index, log }: DialogServices,
  selection: readonly FoundCheckpoint[],
  title: string,
  steps: (choices: MergeChoices, candidates: Candidates) => readonly WizardStep[],
): Promise<MergeChoices | undefined> {
  const { density } = readSettings(log);
  const choices: MergeChoices = {
    base: "",
    models: [],
    method: "ties",
    density,
    t: DEFAULT_T,
    selectTopk: DEFAULT_SELECT_TOPK,
    statistics: [],
    out: "",
  };
  const ended = new AbortController();
  const lease = keeper.acquire();
  try {
    const candidates = new Candidates(selection, await index.list(), lease.api, ended.signal);
    return (await runWizard(title, steps(choices, candidates))) ? choices : undefined;
  } finally {
    ended.abort();
    lease.release();
  }
}

function mergeSetOf(choices: MergeChoices, log: vscode.LogOutputChannel): MergeSet {
  const { base, models, method, density, t, selectTopk, statistics } = choices;
  const kind = statisticsOf(choices);
  const rank = chosenRank(choices);
  const { compat, lambda, nonFinite, nonFloat, vocab, missing } = readSettings(log);
  const input = {
    method,
    compat,
    base: base === "" ? null : base,
    models: models.map((path) => ({ path })),
    density,
    lambda,
    t,
    selectTopk,
    ...(kind && { [kind]: statistics }),
    ...(rank !== undefined && { rank }),
    nonFinite,
    nonFloat,
    vocab,
    missing,
  };
  return createMergeSet(withAdapters(input, isAdapter));
}
