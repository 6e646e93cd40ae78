/** From the arguments of the process to its exit code. */
import { version } from "../../package.json";
import { suggestion } from "../engine/plan/nearestName";
import { describeError } from "../protocol/errorText";
import { toErrorData } from "../protocol/errors";
import { readArguments } from "./arguments";
import { COMMANDS } from "./commands";
import { commandHelp, PROGRAM, programHelp } from "./help";
import { printable } from "./printable";
import type { Terminal } from "./terminal";
import { UsageError } from "./usageError";

const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await runCommand(argv, terminal);
  } catch (error) {
    return explain(error, argv, terminal);
  }
}

async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) throw new UsageError("a command is missing");
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
    terminal.print(programHelp(COMMANDS));
    return EXIT.done;
  }
  if (name === "--version" || name === "-V") {
    terminal.print(`${version}\n`);
    return EXIT.done;
  }
  const wanted = name === "help" ? (rest[0] ?? "") : name;
  const command = COMMANDS.find((spec) => spec.name === wanted);
  if (!command) {
    const kind = wanted.startsWith("-") ? "option" : "command";
    throw new UsageError(
      `unknown ${kind} \`${wanted}\`${suggestion(
        wanted,
        COMMANDS.map((spec) => spec.name),
      )}`,
    );
  }
  if (name === "help" || asksForHelp(rest)) {
    terminal.print(commandHelp(command));
    return EXIT.done;
  }
  return await command.run(readArguments(command, rest), terminal);
}

/** Help is asked for anywhere before `--`, whatever else is wrong with the arguments. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((argument) => argument === "--help" || argument === "-h");
}

function explain(error: unknown, argv: readonly string[], terminal: Terminal): number {
  if (error instanceof UsageError) {
    const help = error.command === undefined ? `${PROGRAM} --help` : `${PROGRAM} ${error.command} --help`;
    const message = printable(error.message);
    terminal.note(`error: ${message}${message.endsWith("?") ? "" : "."} See \`${help}\`.`);
    return EXIT.usage;
  }
  const data = toErrorData(error);
  const wasCancelled = data.code === "cancelled" || terminal.signal.aborted;
  if (data.code === "cancelled") terminal.note(argv[0] === "merge" ? describeError(data) : "Cancelled.");
  else terminal.note(`error: ${printable(describeError(data), { lines: true })}`);
  if (terminal.debug && data.stack !== undefined) terminal.note(data.stack);
  return wasCancelled ? EXIT.cancelled : EXIT.failed;
}
