/** What `--help` prints, made of the commands' descriptions. */
import type { CommandSpec, OptionTable } from "./commandSpec";
import { labelled } from "./textTable";

export const PROGRAM = "ties-merge";

export function programHelp(commands: readonly CommandSpec[]): string {
  return [
    "Merge fine-tuned checkpoints with TIES and see the interference that it resolves.\n",
    `Usage: ${PROGRAM} COMMAND [arguments]\n`,
    `Commands:\n${labelled(commands.map(({ name, summary }) => [name, summary]))}`,
    `Options:\n${labelled([
      ["--help", "this text; after a command, that command's options"],
      ["--version", "the version"],
    ])}`,
    "A CHECKPOINT is a .safetensors, .bin, .pt, .pth or .ckpt file, or a folder with one or with shards and their index.",
    `Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 cancelled.
Set TIES_MERGE_DEBUG=1 for the stack of an error.\n`,
    `Examples:
  ${PROGRAM} merge --base base/ --model math/ --model code/ --density 0.2 --out merged/
  ${PROGRAM} merge recipe.yml --out merged/ --dry-run
  ${PROGRAM} inspect recipe.yml --json report.json
  ${PROGRAM} verify merged/\n`,
  ].join("\n");
}

export function commandHelp(spec: CommandSpec): string {
  return [
    `${spec.about}\n`,
    `Usage: ${PROGRAM} ${spec.name} ${spec.usage}\n`,
    ...spec.optionGroups.map(({ title, options }) => `${title}:\n${labelled(optionLines(options))}`),
    `Examples:\n${spec.examples.map((example) => `  ${PROGRAM} ${example}\n`).join("")}`,
  ].join("\n");
}

const optionLines = (options: OptionTable): [string, string][] =>
  Object.entries(options).map(([name, { value, repeat, about }]) => {
    return [`--${name}${value === undefined ? "" : ` ${value}`}`, repeat ? `${about} (may be repeated)` : about];
  });
