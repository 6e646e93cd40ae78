/** What a command takes: one description that the parser reads and the help prints. */
import type { Arguments } from "./arguments";
import type { Terminal } from "./terminal";

export interface OptionSpec {
  /** Placeholder of the value in the help; without one the option is a switch. */
  value?: string;
  /** May be given several times. */
  repeat?: boolean;
  about: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export interface CommandSpec {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** What stands after the name, such as `CHECKPOINT [options]`. */
  usage: string;
  /** Names of the positional arguments, and how many of them must be there. */
  positionals: readonly string[];
  required: number;
  about: string;
  optionGroups: readonly { title: string; options: OptionTable }[];
  examples: readonly string[];
  /** Runs the command; settles with the exit code. Loaded when it is called. */
  run(args: Arguments, terminal: Terminal): Promise<number>;
}

export const optionsOf = (spec: CommandSpec): OptionTable =>
  Object.assign({}, ...spec.optionGroups.map(({ options }) => options)) as OptionTable;
