/** The person's settings, checked: a wrong one takes its default and is named in the log. */
import * as vscode from "vscode";
import { parseSize } from "../engine/units";
import { COMPATS, type Compat, type MergeSet } from "../protocol/mergeSet";

export interface Settings {
  compat: Compat;
  density: number;
  lambda: number;
  nonFinite: MergeSet["nonFinite"];
  nonFloat: MergeSet["nonFloat"];
  vocab: MergeSet["vocab"];
  missing: MergeSet["missing"];
  /** Bytes. */
  shardSize: number;
  /** Bytes. */
  memoryLimit: number;
  /** Undefined: as many as the engine thinks fit. */
  threads: number | undefined;
}

export function readSettings(log: vscode.LogOutputChannel): Settings {
  const configuration = vscode.workspace.getConfiguration("tiesMerge");
  const read = <T>(key: string, fallback: T, parse: (value: unknown) => T | undefined): T => {
    const value = configuration.get(key);
    const parsed = parse(value);
    if (parsed === undefined)
      log.warn(`Setting tiesMerge.${key}: ${JSON.stringify(value)} is not possible, using ${String(fallback)}`);
    return parsed ?? fallback;
  };
  const threads = read("threads", 0, (value) =>
    Number.isInteger(value) && Number(value) >= 0 ? Number(value) : undefined,
  );
  return {
    compat: read("compat", "reference", oneOf(COMPATS)),
    density: read("density", 0.2, (value) => (isNumber(value) && value > 0 && value <= 1 ? value : undefined)),
    lambda: read("lambda", 1, (value) => (isNumber(value) ? value : undefined)),
    nonFinite: read("nonFinite", "error", oneOf(["error", "keep-base"] as const)),
    nonFloat: read("nonFloat", "error", oneOf(["error", "base"] as const)),
    vocab: read("vocab", "error", oneOf(["error", "common"] as const)),
    missing: read("missing", "error", oneOf(["error", "base"] as const)),
    shardSize: read("shardSize", 5e9, parseBytes),
    memoryLimit: read("memoryLimit", 2 ** 30, parseBytes),
    threads: threads === 0 ? undefined : threads,
  };
}

/** Settings that a running engine was started with. */
export const changesEngine = (event: vscode.ConfigurationChangeEvent): boolean =>
  event.affectsConfiguration("tiesMerge.threads") || event.affectsConfiguration("tiesMerge.memoryLimit");

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const parseBytes = (value: unknown): number | undefined => (typeof value === "string" ? parseSize(value) : undefined);
const oneOf =
  <T extends string>(values: readonly T[]) =>
  (value: unknown): T | undefined =>
    values.find((known) => known === value);
