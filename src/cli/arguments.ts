/** The arguments of one command, read against its description. */
import { parseArgs } from "node:util";
import { suggestion } from "../engine/plan/nearestName";
import { optionsOf } from "./commandSpec";
import type { CommandSpec, OptionTable } from "./commandSpec";
import { UsageError } from "./usageError";

export class Arguments {
  constructor(
    readonly command: string,
    readonly positionals: readonly string[],
    private readonly values: Readonly<Record<string, readonly (string | boolean)[]>>,
  ) {}

  has(option: string): boolean {
    return this.values[option] !== undefined;
  }

  text(option: string): string | undefined {
    return this.texts(option)[0];
  }

  texts(option: string): string[] {
    return (this.values[option] ?? []).filter((value) => typeof value === "string");
  }

  /** Reads the option's text; where `read` finds no value in it, that is a usage error saying what is expected. */
  parsed<Value>(option: string, read: (text: string) => Value | undefined, expected: string): Value | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const value = read(text);
    if (value === undefined) throw this.error(`--${option} must be ${expected}, not \`${text}\``);
    return value;
  }

  word<Word extends string>(option: string, words: readonly Word[]): Word | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const found = words.find((word) => word === text);
    if (found === undefined) throw this.error(`unknown value \`${text}\` of --${option}${suggestion(text, words)}`);
    return found;
  }

  error(message: string): UsageError {
    return new UsageError(message, this.command);
  }
}

/** Reads `argv` (without the command's name). Throws `UsageError`. */
export function readArguments(spec: CommandSpec, argv: readonly string[]): Arguments {
  const options = optionsOf(spec);
  const { values, positionals } = parse(spec, options, joinNegativeNumbers(argv, options));
  for (const [name, given] of Object.entries(values)) {
    if (given.length > 1 && !options[name]?.repeat) throw new UsageError(`--${name} is given twice`, spec.name);
    if (given.includes("")) throw new UsageError(`--${name} needs a value`, spec.name);
  }
  const missing = positionals.length < spec.required ? spec.positionals[positionals.length] : undefined;
  if (missing !== undefined) throw new UsageError(`${missing} is missing`, spec.name);
  const extra = positionals[spec.positionals.length];
  if (extra !== undefined) throw new UsageError(`\`${extra}\` is one argument too many`, spec.name);
  return new Arguments(spec.name, positionals, values);
}

function parse(
  spec: CommandSpec,
  options: OptionTable,
  args: string[],
): { values: Record<string, (string | boolean)[]>; positionals: string[] } {
  const config = Object.entries(options).map(([name, { value }]) => {
    return [name, { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: true }] as const;
  });
  try {
    const { values, positionals } = parseArgs({ args, options: Object.fromEntries(config), allowPositionals: true });
    return { values: values as Record<string, (string | boolean)[]>, positionals };
  } catch (error) {
    throw new UsageError(parserMessage(error, Object.keys(options)), spec.name);
  }
}

/** The parser's complaint in our words. */
function parserMessage(error: unknown, names: readonly string[]): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const option = /'(?:-\w, )?(--?[^\s'=]+)/.exec(message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const nearest = suggestion(
      option,
      names.map((name) => `--${name}`),
    );
    return `unknown option ${option}${nearest.startsWith("; did") ? nearest : ""}`;
  }
  if (code !== "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") return message;
  return message.includes("does not take") ? `${option} takes no value` : `${option} needs a value`;
}

/** `--lambda -1` as `--lambda=-1`: a number below 0 is no option. */
function joinNegativeNumbers(argv: readonly string[], options: OptionTable): string[] {
  const joined: string[] = [];
  for (const argument of argv) {
    const before = joined.at(-1);
    const takesValue = before?.startsWith("--") && options[before.slice(2)]?.value !== undefined;
    if (takesValue && /^-\.?\d/.test(argument)) joined[joined.length - 1] = `${before}=${argument}`;
    else joined.push(argument);
  }
  return joined;
}
