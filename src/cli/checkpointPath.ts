/** A checkpoint's path as a person wrote it. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { looksLikeHubId } from "../engine/plan/hubId";
import { modelReference } from "../engine/plan/modelReference";
import { MergeError } from "../protocol/errors";

/**
 * The absolute path, of `MODEL+ADAPTER` those of both. Throws `checkpoint-missing`, or `hub-model` where the words look
 * like a model's id on a hub.
 */
export function checkpointPath(written: string): string {
  const { adapter } = modelReference(written, existsSync);
  if (adapter === undefined) return existing(written);
  return `${existing(written.slice(0, -adapter.length - 1))}+${existing(adapter)}`;
}

function existing(written: string): string {
  const path = resolve(written);
  if (existsSync(path)) return path;
  throw new MergeError(looksLikeHubId(written) ? "hub-model" : "checkpoint-missing", { where: written });
}
