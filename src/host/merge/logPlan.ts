/** What a merge is going to do, for the log. */
import type * as vscode from "vscode";
import type { MergePlanSummary } from "../../protocol/engineApi";
import { PLAIN_KERNELS } from "../../engine/kernels/chooseKernels";
import { formatBytes } from "../../engine/units";

export function logPlan(log: vscode.LogOutputChannel, plan: MergePlanSummary): void {
  log.info(`Merge into ${plan.out}`);
  log.info(`  recipe: ${JSON.stringify(plan.recipe)}`);
  log.info(
    `  tensors: ${plan.mergedTensors} merged, ${plan.carriedTensors} taken as they are; ${plan.parameters} parameters`,
  );
  log.info(`  read: ${formatBytes(plan.inputBytes)} in ${plan.passes} passes`);
  log.info(`  write: ${formatBytes(plan.outputBytes)} of ${formatBytes(plan.freeBytes)} free`);
  for (const { file, tensors, bytes } of plan.shards)
    log.info(`    ${file}: ${tensors} tensors, ${formatBytes(bytes)}`);
  if (plan.companions.length > 0) log.info(`    also: ${plan.companions.join(", ")}`);
  log.info(
    `  memory: ${formatBytes(plan.memoryBytes)} of at most ${formatBytes(plan.memoryLimit)}; ${plan.threads} threads, ${plan.kernels} kernels`,
  );
  if (plan.layer) log.info(`    and ${formatBytes(plan.layer.bytes)} beside that for ${plan.layer.tensor}`);
  if (plan.kernels === "plain") log.warn(`  ${PLAIN_KERNELS}`);
}
