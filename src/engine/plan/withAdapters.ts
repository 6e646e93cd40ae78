/** Adapters among the models of a merge: each on the base, or, where there is none, merged with one another. */
import type { MergeSetInput } from "./mergeSetInput";

/**
 * The input with `BASE+ADAPTER` in the place of every model that is an adapter; without a base, models that are all
 * adapters are marked to be merged among themselves.
 */
export function withAdapters(input: MergeSetInput, isAdapter: (path: string) => boolean): MergeSetInput {
  const { base, models } = input;
  if (models.length === 0 || !models.some(({ path }) => isAdapter(path))) return input;
  if (!base) return models.every(({ path }) => isAdapter(path)) ? { ...input, adapters: true } : input;
  return {
    ...input,
    models: models.map((model) => (isAdapter(model.path) ? { ...model, path: `${base}+${model.path}` } : model)),
  };
}
