/** Models whose head has parted from the embedding with which the base stores it as one. */
import type { Checkpoint, TensorRef } from "../format/checkpoint";
import { isHead, tiedName } from "./tiedWeights";
import { differInRows } from "./vocabulary";

interface UntieRules {
  /** Whether the template's config says that head and embedding are one. */
  tied: boolean | undefined;
  wanted(name: string): boolean;
  /** Whether two tensors hold the same bytes. */
  sameBytes(one: TensorRef, other: TensorRef): boolean;
  /** Takes the head, the embedding that stands for it in the template, and the first model that has one. */
  onHead(head: string, embedding: string, model: number): void;
}

/** The template with its embedding under the names of heads that models have apart from theirs. */
export function withUntiedHeads(
  template: Checkpoint,
  models: readonly Checkpoint[],
  { tied, wanted, sameBytes, onHead }: UntieRules,
): Checkpoint {
  if (tied === false) return template;
  // A base that says nothing may have no head at all, unless an adapter of it has one.
  const mayPart = ({ untied }: Checkpoint): boolean => tied === true || untied === true;
  const tensors = new Map(template.tensors);
  models.forEach((model, t) => {
    if (!mayPart(model)) return;
    for (const [name, own] of model.tensors) {
      if (!isHead(name) || tensors.has(name) || !wanted(name)) continue;
      const embedding = template.tensors.get(tiedName(name, template.tensors) ?? "");
      const theirs = embedding && model.tensors.get(embedding.name);
      if (!embedding || !theirs || sameBytes(own, theirs) || !isOf(own.shape, embedding.shape)) continue;
      tensors.set(name, { ...embedding, name });
      onHead(name, embedding.name, t);
    }
  });
  return tensors.size > template.tensors.size ? { ...template, tensors } : template;
}

const isOf = (head: readonly number[], embedding: readonly number[]): boolean =>
  head.join() === embedding.join() || differInRows(head, embedding);

/** What of a tensor says whether its head is one with its embedding in the output. */
interface Written {
  name: string;
  kind: string;
  template: TensorRef;
}

/**
 * Whether a head that is one tensor with another in the base is merged apart from it, so that the config must not say
 * any more that they are one.
 */
export function isUntied(tensors: readonly Written[]): boolean {
  const merged = tensors.filter(({ kind }) => kind === "merge");
  if (!merged.some(({ name }) => isHead(name))) return false;
  const names = new Map<string, number>();
  for (const { template } of merged) names.set(placeOf(template), (names.get(placeOf(template)) ?? 0) + 1);
  return merged.some(({ name, template }) => isHead(name) && (names.get(placeOf(template)) ?? 0) > 1);
}

const placeOf = ({ file, begin, end, view, computed }: TensorRef): string =>
  JSON.stringify([file, begin, end, view, computed]);
