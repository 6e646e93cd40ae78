/** `adapter_config.json` of PEFT: what it says of how the adapter's tensors change a model. Hostile until read. */
import { MergeError } from "../../../protocol/errors";
import type { ByteSource } from "../../io";
import { isJsonObject, JsonError, member, parseStrictJson } from "../strictJson";
import type { JsonObject, JsonValue } from "../strictJson";
import { printableName } from "../tensorEntry";
import { modulePattern } from "./modulePattern";

/** Configs have a few kilobytes; with patterns for every module, a few hundred. */
const MAX_CONFIG_BYTES = 10_000_000;

export interface LoraConfig {
  type: "LORA";
  rank: number;
  alpha: number;
  /** Rank and alpha of the modules that a pattern fits, the first one that does. */
  rankPattern: PatternValue[];
  alphaPattern: PatternValue[];
  /** Scaling is alpha/√r, not alpha/r. */
  rankStabilized: boolean;
  /** The weights that it changes are stored as [in, out]. */
  fanInFanOut: boolean;
  json: JsonObject;
}

export interface Ia3Config {
  type: "IA3";
  fanInFanOut: boolean;
  /** Whether a module's input is scaled, not its output. */
  isFeedforward(module: string): boolean;
  json: JsonObject;
}

export type AdapterConfig = LoraConfig | Ia3Config;

export interface PatternValue {
  matches(module: string): boolean;
  value: number;
}

/** Options that change what the tensors mean, and that are not understood: refused unless absent, empty or false. */
const REFUSED_OPTIONS: readonly string[] = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "lora_bias",
  "layer_replication",
  "target_parameters",
  "trainable_token_indices",
  "alora_invocation_tokens",
  "megatron_config",
  "arrow_config",
  "kasa_config",
  "monteclora_config",
  "velora_config",
];

/** Initialisations that take something out of the base's weights, which the adapter alone does not tell. */
const BASE_CHANGING_INIT = /^(?:pissa|corda|olora|loftq|lora_ga)/i;

/** Throws `adapter-config`, `adapter-type`, `adapter-option`. */
export function parseAdapterConfig(source: ByteSource): AdapterConfig {
  const json = readObject(source);
  const read = new ConfigReader(source.name, json);
  const type = read.text("peft_type");
  if (type !== "LORA" && type !== "IA3") {
    throw new MergeError("adapter-type", { where: source.name, type: printableName(type) });
  }
  for (const option of REFUSED_OPTIONS) {
    if (isSet(member(json, option))) throw new MergeError("adapter-option", { where: source.name, option });
  }
  const init = member(json, "init_lora_weights");
  if (typeof init === "string" && BASE_CHANGING_INIT.test(init)) {
    const option = `init_lora_weights: ${printableName(init)}`;
    throw new MergeError("adapter-option", { where: source.name, option });
  }
  const fanInFanOut = read.flag("fan_in_fan_out");
  if (type === "IA3") return { type, fanInFanOut, isFeedforward: read.moduleTest("feedforward_modules"), json };
  return {
    type,
    rank: read.rank("r", member(json, "r") ?? 8),
    alpha: read.number("lora_alpha", member(json, "lora_alpha") ?? 8),
    rankPattern: read.patterns("rank_pattern", (key, value) => read.rank(key, value)),
    alphaPattern: read.patterns("alpha_pattern", (key, value) => read.number(key, value)),
    rankStabilized: read.flag("use_rslora"),
    fanInFanOut,
    json,
  };
}

/** Rank of a module as the config has it. */
export const rankOf = ({ rank, rankPattern }: LoraConfig, module: string): number =>
  rankPattern.find(({ matches }) => matches(module))?.value ?? rank;

/** What B·A is multiplied by in a module: alpha/r, or alpha/√r with `use_rslora`. */
export function scalingOf({ alpha, alphaPattern, rankStabilized }: LoraConfig, module: string, rank: number): number {
  const own = alphaPattern.find(({ matches }) => matches(module))?.value ?? alpha;
  return own / (rankStabilized ? Math.sqrt(rank) : rank);
}

function readObject(source: ByteSource): JsonObject {
  const fail = (message: string, cause?: unknown): MergeError =>
    new MergeError("adapter-config", { where: source.name, message }, { cause });
  if (source.size > MAX_CONFIG_BYTES) throw fail(`it has ${source.size} bytes`);
  const bytes = new Uint8Array(source.size);
  source.read(0, bytes);
  let json: JsonValue;
  try {
    json = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail(error instanceof JsonError ? printableName(error.message) : "it is not UTF-8", error);
  }
  if (!isJsonObject(json)) throw fail("it is no object");
  return json;
}

const isSet = (value: JsonValue | undefined): boolean => {
  if (value === undefined || value === null || value === false) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isJsonObject(value) || Object.keys(value).length > 0;
};

class ConfigReader {
  constructor(
    private readonly where: string,
    private readonly json: JsonObject,
  ) {}

  text(key: string): string {
    const value = member(this.json, key);
    if (typeof value !== "string") throw this.wrong(key, "a text");
    return value;
  }

  flag(key: string): boolean {
    const value = member(this.json, key) ?? false;
    if (typeof value !== "boolean") throw this.wrong(key, "true or false");
    return value;
  }

  number(key: string, value: JsonValue): number {
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.wrong(key, "a finite number");
    return value;
  }

  rank(key: string, value: JsonValue): number {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1)
      throw this.wrong(key, "a whole number above 0");
    return value;
  }

  patterns(key: string, read: (key: string, value: JsonValue) => number): PatternValue[] {
    const value = member(this.json, key) ?? null;
    if (value === null) return [];
    if (!isJsonObject(value)) throw this.wrong(key, "an object");
    return Object.entries(value).map(([pattern, own]) => {
      const matches = modulePattern(pattern, true);
      if (!matches) throw this.wrong(key, `made of plain patterns, unlike ${printableName(pattern)}`);
      return { matches, value: read(key, own) };
    });
  }

  /** A list holds endings of module names, a text is a pattern of the whole name. */
  moduleTest(key: string): (module: string) => boolean {
    const value = member(this.json, key) ?? [];
    if (typeof value === "string") {
      const matches = modulePattern(value, false);
      if (!matches) throw this.wrong(key, "a plain pattern");
      return matches;
    }
    if (!Array.isArray(value) || !value.every((ending) => typeof ending === "string")) {
      throw this.wrong(key, "a list of names");
    }
    return (module) => value.some((ending) => module.endsWith(ending));
  }

  private wrong(key: string, expected: string): MergeError {
    return new MergeError("adapter-config", { where: this.where, message: `${key} is not ${expected}` });
  }
}
