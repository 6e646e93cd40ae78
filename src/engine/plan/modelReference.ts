/** Model strings of a recipe: a path or a hub's id, with `@revision` and `+adapter` behind, as mergekit writes them. */
import { looksLikeHubId } from "./hubId";

export interface ModelReference {
  path: string;
  revision?: string;
  adapter?: string;
}

/** The `+` between the two absolute paths of a resolved `MODEL+ADAPTER`. */
export const ADAPTER_JOINT = /\+(?=\/|[A-Za-z]:[\\/])/;

/** The parts of what was written. A path that has a `+` or `@` of its own and is there is meant as it stands. */
export function modelReference(written: string, isThere: (path: string) => boolean): ModelReference {
  if (isThere(written)) return { path: written };
  const splits = [...written.matchAll(/\+/g)].map(({ index }) => ({
    path: written.slice(0, index),
    adapter: written.slice(index + 1),
  }));
  // Folders may have a `+` in their names: the one between two paths that are there, or else the first.
  const parts = splits.find(({ path, adapter }) => isThere(path) && isThere(adapter)) ?? splits[0];
  const model = parts?.path ?? written;
  const reference: ModelReference = parts ?? { path: model };
  const at = model.lastIndexOf("@");
  if (at <= 0 || isThere(model)) return reference;
  return { ...reference, path: model.slice(0, at), revision: model.slice(at + 1) };
}

/** What is wrong with a reference to a checkpoint that is not there. */
export function missingModel({ path, revision }: ModelReference, resolved: string): string {
  if (!looksLikeHubId(path)) return `there is no checkpoint at ${resolved}`;
  const folder = path.slice(path.indexOf("/") + 1);
  const options = `${revision ? ` --revision ${revision}` : ""} --local-dir ${folder}`;
  return (
    `\`${path}\` is not a folder here but looks like a model of the Hugging Face hub: download it first with ` +
    `\`hf download ${path}${options}\` (formerly \`huggingface-cli download\`) and give that folder`
  );
}
