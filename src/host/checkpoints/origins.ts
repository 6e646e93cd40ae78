/** What a checkpoint's small files say of it: its architecture, and what it was made from. */
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isWholeModel } from "../../engine/format/weightsFiles";

/** Configs are a few kilobytes; what is larger is none, and would stall the editor. */
const MAX_CONFIG_BYTES = 256 * 1024;
/** A model card's front matter stands at its start. */
const MAX_FRONT_MATTER_BYTES = 16 * 1024;

export interface Origins {
  parents: string[];
  architecture: string;
}

/** Reads `config.json`, `adapter_config.json` and the model card beside the weights. What is missing or broken says nothing. */
export async function readOrigins(checkpoint: { path: string; kind: "folder" | "file" }): Promise<Origins> {
  // A lone file may share its folder with other models, whose config would be taken for its own.
  if (checkpoint.kind === "file" && !isWholeModel(basename(checkpoint.path))) {
    return { parents: [], architecture: "" };
  }
  const folder = checkpoint.kind === "folder" ? checkpoint.path : dirname(checkpoint.path);
  const [config, adapter, card] = await Promise.all([
    readObject(join(folder, "config.json")),
    readObject(join(folder, "adapter_config.json")),
    readStart(join(folder, "README.md"), MAX_FRONT_MATTER_BYTES),
  ]);
  const named = [config["_name_or_path"], adapter["base_model_name_or_path"]].filter(isName);
  return { parents: [...new Set([...named, ...cardParents(card)])], architecture: architectureOf(config) };
}

function architectureOf(config: Record<string, unknown>): string {
  const { architectures, model_type: type } = config;
  return [architectures, type].flat().filter(isName).join(" ");
}

/** `base_model:` of a model card's YAML front matter: one name, or a list of names. */
export function cardParents(card: string): string[] {
  const frontMatter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1];
  const entry = frontMatter && /^base_model:[ \t]*(.*(?:\r?\n[ \t]*-[ \t]+.*)*)/m.exec(frontMatter)?.[1];
  if (!entry) return [];
  return entry
    .split(/\r?\n|,/)
    .map((name) =>
      name
        .replace(/^[\s[-]+/, "")
        .replace(/[\s\]]+$/, "")
        .replace(/^(["'])(.*)\1$/, "$2"),
    )
    .filter((name) => name !== "");
}

async function readObject(file: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readStart(file, MAX_CONFIG_BYTES));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The first `limit` bytes of a text file; nothing where there is none. */
async function readStart(file: string, limit: number): Promise<string> {
  try {
    const handle = await open(file, "r");
    try {
      const start = new Uint8Array(limit);
      const { bytesRead } = await handle.read(start, 0, limit, 0);
      return new TextDecoder().decode(start.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    return "";
  }
}

const isName = (value: unknown): value is string => typeof value === "string" && value !== "";
