/** The config.json that belongs to a checkpoint. */
import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Checkpoint } from "../engine/format/checkpoint";
import { MAX_CONFIG_BYTES, parseModelConfig, type ModelConfig } from "../engine/format/modelConfig";
import { indexFormat, isWholeModel } from "../engine/format/weightsFiles";
import { readWholeFile } from "./fileSource";

/** Null where there is none, or what is there is no JSON object: then the headers alone must say what the model is. */
export function readModelConfig({ folder: own }: Pick<Checkpoint, "folder">): ModelConfig | null {
  const folder = folderOf(own);
  const file = folder === null ? null : join(folder, "config.json");
  const stats = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === null || !stats?.isFile() || stats.size > MAX_CONFIG_BYTES) return null;
  return parseModelConfig(new TextDecoder().decode(readWholeFile(file)));
}

/** A folder of its own, or that of a file which stands for the whole model; any other file may lie beside anything. */
function folderOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return path;
  const name = basename(path);
  return stats && (isWholeModel(name) || indexFormat(name)) ? dirname(path) : null;
}
