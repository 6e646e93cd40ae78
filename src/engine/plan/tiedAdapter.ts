/**
 * Adapters of models whose head is their embedding, stored once (tied). What an adapter changes in place, PEFT changes
 * for both; a head or an embedding that the adapter holds whole is its own from then on, and the other stays.
 */
import { MergeError } from "../../protocol/errors";
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import type { AdaptedModule, Adapter } from "../format/peft/adapter";
import { printableName } from "../format/tensorEntry";
import { sharedNames } from "./sharedTensors";
import { isFoundBy, isHead, tiedName } from "./tiedWeights";

export interface TiedFacts {
  /** Whether the base's config says that head and embedding are one. */
  tied: boolean | undefined;
  /** Whether two tensors hold the same bytes. */
  sameBytes(one: TensorRef, other: TensorRef): boolean;
}

/** Embeddings of models for which the name of the head is known. */
const EMBEDDING = /^.+\.(?:embed_tokens|wte|(embed_in))\.weight$/;

/**
 * The two as they can be put together name by name. `untied`: the base has been given a head of its own, with the
 * values of its embedding. Throws `adapter-tied-twice`.
 */
export function untieForAdapter(
  base: Checkpoint,
  adapter: Adapter,
  { tied, sameBytes }: TiedFacts,
): { base: Checkpoint; adapter: Adapter; untied: boolean } {
  const stored = storedOnce(base, tied);
  const tensors = new Map(stored.tensors);
  const saved = new Map(adapter.saved);
  const addHead = (name: string, embedding: TensorRef): void => void tensors.set(name, { ...embedding, name });
  for (const [name, tensor] of adapter.saved) {
    const embedding = embeddingOf(name, stored);
    if (embedding && sameBytes(tensor, saved.get(embedding.name) ?? embedding)) saved.delete(name);
    else if (embedding && tied !== false) addHead(name, embedding);
    const head = headOf(name);
    const own = stored.tensors.get(name);
    if (head === undefined || tied !== true || !own || tensors.has(head) || adapter.saved.has(head)) continue;
    if (!sameBytes(tensor, own)) addHead(head, own);
  }
  const modules = adapter.modules.map((module) => inPlace(module, adapter.modules, { ...base, tensors }));
  return {
    base: { ...base, tensors },
    adapter: { ...adapter, saved, modules },
    untied: tensors.size > stored.tensors.size,
  };
}

/** A PyTorch file has every name of a tensor that is one; what changes it under one name changes it under all. */
function storedOnce(base: Checkpoint, tied: boolean | undefined): Checkpoint {
  if (tied === false) return base;
  const aliases = sharedNames([...base.tensors.keys()], base.tensors, [], () => true);
  const tensors = [...base.tensors].filter(([name]) => !isFoundBy(name, aliases.get(name) ?? name));
  return { ...base, tensors: new Map(tensors) };
}

/** The base's tensor that stands for a head which it does not store. */
function embeddingOf(name: string, { tensors }: Checkpoint): TensorRef | undefined {
  if (tensors.has(name) || !isHead(name)) return undefined;
  return tensors.get(tiedName(name, tensors) ?? "");
}

/** The head that transformers ties to an embedding of this name. */
function headOf(name: string): string | undefined {
  const found = EMBEDDING.exec(name);
  return found ? (found[1] === undefined ? "lm_head.weight" : "embed_out.weight") : undefined;
}

/** The module under the name of the tensor that it changes. */
function inPlace<Module extends AdaptedModule>(
  module: Module,
  all: readonly AdaptedModule[],
  base: Checkpoint,
): Module {
  const embedding = embeddingOf(`${module.module}.weight`, base);
  if (!embedding) return module;
  const name = embedding.name.replace(/\.weight$/, "");
  if (all.some((other) => other.module === name)) {
    const details = { head: printableName(module.module), embedding: printableName(name) };
    throw new MergeError("adapter-tied-twice", { where: base.path, ...details });
  }
  return { ...module, module: name };
}
