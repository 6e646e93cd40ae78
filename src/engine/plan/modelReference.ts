/** Model strings of a recipe: a path or a hub's id, with `@revision` and `+adapter` behind, as mergekit writes them. */
import { looksLikeHubId } from "./hubId";

export interface ModelReference {
  path: string;
  revision?: string;
  adapter?: string;
}

/** The parts of what was written. A path that has a `+` or `@` of its own and is there is meant as it stands. */
export function modelReference(written: string, isThere: (path: string) => boolean): ModelReference {
  if (isThere(written)) return { path: written };
  const [model = "", ...adapters] = written.split("+");
  const reference: ModelReference =
    adapters.length > 0 ? { path: model, adapter: adapters.join("+") } : { path: model };
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
