/** `ties-merge merge`: checkpoints into a new one, or with --dry-run what would happen. */
import { resolve } from "node:path";
import { errorText, worstFactored } from "../../engine/plan/factoring";
import type { EngineApi, Factoring, MergePlanSummary, MergeResult, OutputChoice } from "../../protocol/engineApi";
import type { MergeSet } from "../../protocol/mergeSet";
import type { Arguments } from "../arguments";
import { chosenMergeSet } from "../chosenMergeSet";
import { noteKernels, withEngine } from "../engineSession";
import { jsonText } from "../jsonText";
import { noteAll } from "../noteAll";
import { printable } from "../printable";
import { ProgressDisplay } from "../progressDisplay";
import type { Terminal } from "../terminal";
import { labelled } from "../textTable";
import {
  counted,
  formatBytes,
  formatCount,
  formatMemory,
  formatSeconds,
  formatSpeed,
  parseSize,
} from "../../engine/units";

const PLAN_FORMAT = "ties-merge-plan/1";
const RESULT_FORMAT = "ties-merge-result/1";
const DEFAULT_SHARD_SIZE = 5e9;

export async function runMerge(args: Arguments, terminal: Terminal): Promise<number> {
  const output = readOutput(args);
  const set = await chosenMergeSet(args, terminal);
  await withEngine(args, async (engine) => {
    const plan = await engine.plan(
      { set, output, statistics: args.has("json") },
      { signal: terminal.signal, progress: () => undefined },
    );
    if (!args.has("quiet")) noteKernels(engine, terminal);
    if (!args.has("dry-run")) await merge(engine, { set, output }, plan, args, terminal);
    else if (args.has("json")) printJson(terminal, PLAN_FORMAT, plan);
    else {
      terminal.print(planText(plan, set));
      if (!args.has("quiet")) noteAll(plan.notes, terminal);
    }
  });
  return 0;
}

function readOutput(args: Arguments): OutputChoice {
  const out = args.text("out");
  if (out === undefined) throw args.error("--out is missing: where to write the merged model");
  const shardSize = args.parsed("shard-size", parseSize, "a size such as 5GB or 4GiB") ?? DEFAULT_SHARD_SIZE;
  return { out: resolve(out), shardSize, overwrite: args.has("overwrite"), resume: args.has("resume") };
}

async function merge(
  engine: EngineApi,
  { set, output }: { set: MergeSet; output: OutputChoice },
  plan: MergePlanSummary,
  args: Arguments,
  terminal: Terminal,
): Promise<void> {
  const quiet = args.has("quiet");
  if (!quiet) terminal.note(announcement(plan, set));
  if (!quiet) noteAll(plan.notes, terminal);
  const display = new ProgressDisplay(terminal.messages, quiet);
  let bytesRead = 0;
  try {
    const context = {
      signal: terminal.signal,
      progress: (progress: Parameters<ProgressDisplay["update"]>[0]) => {
        bytesRead = progress.done;
        display.update(progress);
      },
    };
    const result = await engine.merge({ set, output, statistics: args.has("json") }, context);
    display.clear();
    if (args.has("json")) printJson(terminal, RESULT_FORMAT, result);
    else terminal.print(resultText(result, plan, bytesRead));
  } finally {
    display.clear();
  }
}

const announcement = (plan: MergePlanSummary, set: MergeSet): string =>
  `Merging ${counted(set.models.length, "model")} with ${set.method}: ${counted(plan.mergedTensors, "tensor")}, ` +
  `${counted(plan.parameters, "parameter")}, ${formatBytes(plan.inputBytes)} to read, ` +
  `${formatBytes(plan.outputBytes)} to write, ${counted(plan.threads, "thread")}` +
  (plan.layer ? `, ${formatMemory(plan.layer.bytes)} of memory beside the limit for ${beside(set)}` : "");

/** What takes memory beside the limit. */
const beside = ({ rank }: MergeSet): string => (rank === undefined ? "one layer" : "factoring");

function resultText(result: MergeResult, plan: MergePlanSummary, bytesRead: number): string {
  const resumed = result.resumedTensors > 0 ? `, ${formatCount(result.resumedTensors)} of them from before` : "";
  const carried = plan.carriedTensors > 0 ? ` and ${formatCount(plan.carriedTensors)} taken as they are` : "";
  return labelled([
    ["merged", printable(result.out)],
    ["tensors", `${formatCount(plan.mergedTensors)}${carried}${resumed}`],
    ["size", `${formatBytes(result.bytes)} in ${counted(result.files.length, "file")}`],
    ["time", `${formatSeconds(result.seconds)}, ${formatSpeed(bytesRead || plan.inputBytes, result.seconds)} read`],
    ...factoringLine(result.factoring),
    ...nonFiniteLines(result),
  ]);
}

function factoringLine(factoring: Factoring | null): [string, string][] {
  if (!factoring) return [];
  const [worst] = worstFactored(factoring, 1);
  const most = `at most ${errorText(worst.error)} (${printable(worst.name)})`;
  return [["rank", `${factoring.rank}, relative error ${errorText(factoring.error)}, ${most}`]];
}

function nonFiniteLines({ nonFinite, baseNonFinite }: MergeResult): [string, string][] {
  const taken = `${counted(nonFinite - baseNonFinite, "value")} of the base taken for NaN or infinity`;
  const kept = `${counted(baseNonFinite, "value")} left NaN or infinite, as in the base itself`;
  return [
    ...(nonFinite > baseNonFinite ? [["not finite", taken] as [string, string]] : []),
    ...(baseNonFinite > 0 ? [["not finite", kept] as [string, string]] : []),
  ];
}

/** Beside the limit: announced before it is taken. */
const layerLine = ({ layer }: MergePlanSummary, set: MergeSet): [string, string][] =>
  layer ? [[beside(set), `${formatMemory(layer.bytes)} more, beside the limit, for ${printable(layer.tensor)}`]] : [];

function planText(plan: MergePlanSummary, set: MergeSet): string {
  const fits = plan.freeBytes >= plan.outputBytes ? "" : ": too little";
  const summary = labelled([
    ["output", printable(plan.out)],
    ["method", `${set.method} of ${counted(set.models.length, "model")}`],
    ["tensors", `${formatCount(plan.mergedTensors)} merged, ${formatCount(plan.carriedTensors)} taken as they are`],
    ["parameters", formatCount(plan.parameters)],
    ["read", `${formatBytes(plan.inputBytes)}, in ${plan.passes === 1 ? "one pass" : `${plan.passes} passes`}`],
    ["write", `${formatBytes(plan.outputBytes)} in ${counted(plan.shards.length, "file")}`],
    ["disk", `${formatBytes(plan.freeBytes)} free${fits}`],
    ["memory", `about ${formatMemory(plan.memoryBytes)}, limit ${formatMemory(plan.memoryLimit)}`],
    ...layerLine(plan, set),
    ["threads", `${plan.threads}, ${plan.kernels} kernels`],
    [
      "also written",
      plan.companions.length > 0 ? plan.companions.map((name) => printable(name)).join(", ") : "nothing",
    ],
  ]);
  const files = plan.shards.map(({ file, tensors, bytes }): [string, string] => {
    return [printable(file), `${counted(tensors, "tensor")}, ${formatBytes(bytes)}`];
  });
  return `Nothing was written. A merge would do this:\n${summary}Files:\n${labelled(files)}`;
}

function printJson(terminal: Terminal, format: string, value: object): void {
  for (const part of jsonText({ format, ...value })) terminal.print(part);
}
