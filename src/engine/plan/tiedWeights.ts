/**
 * Tied weights: one tensor that a model uses under several names, such as embedding and head. Some checkpoints store
 * it once, others under each name; which name they keep differs too.
 */

/** Names of the tensors that may be one, by kind; each kind in the order in which a stored one is looked for. */
const EMBEDDINGS: readonly RegExp[] = [
  /(?:^|\.)shared\.weight$/,
  /(?:^|\.)(?:embed_tokens|wte|word_embeddings|embed_in|tok_embeddings|tokens_embed)\.weight$/,
];
const HEADS: readonly RegExp[] = [
  /(?:^|\.)(?:lm_head|lm_head\.decoder|generator_lm_head|predictions\.decoder|vocab_projector|embed_out|output_projection|proj_out)\.weight$/,
];
const SHARED: readonly RegExp[] = [EMBEDDINGS[0]];
const EMBEDDINGS_OF_STACKS: readonly RegExp[] = [/(?:^|\.)(?:text_)?(?:encoder|decoder)\.embed_tokens\.weight$/];

/** Biases of a head that BERT and RoBERTa store under one name or under both. */
const BIASES: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)(predictions|lm_head)\.decoder\.bias$/, "$1$2.bias"],
  [/(^|\.)(predictions|lm_head)\.bias$/, "$1$2.decoder.bias"],
];

const DECODER_BIAS = BIASES[0][0];

/** Names that one of these kinds of names may stand for. */
function partnersOf(name: string): readonly RegExp[] {
  if (isHead(name)) return [...EMBEDDINGS, ...HEADS];
  if (fits(EMBEDDINGS_OF_STACKS, name)) return [...SHARED, ...EMBEDDINGS_OF_STACKS, ...HEADS];
  return fits(EMBEDDINGS, name) ? [...EMBEDDINGS_OF_STACKS, ...HEADS] : [];
}

/** Whether a model may have this tensor apart from its embedding, as `tie_word_embeddings` says. */
export const isHead = (name: string): boolean => fits(HEADS, name);

/** Of names that stand for one tensor, those that loaders store come first: `shared` before its stacks, heads last. */
export const tiedRank = (name: string): number =>
  isHead(name) || DECODER_BIAS.test(name) ? 3 : fits(SHARED, name) ? 0 : fits(EMBEDDINGS_OF_STACKS, name) ? 2 : 1;

/** Whether models whose config ties their weights find the one tensor by the other's name. */
export const isFoundBy = (name: string, owner: string): boolean => tiedName(name, new Map([[owner, null]])) === owner;

/**
 * The stored tensor that the one called `name` may be tied to: of several the one of the first kind, in the same part
 * of the model. Undefined where there is none.
 */
export function tiedName(name: string, stored: ReadonlyMap<string, unknown>): string | undefined {
  for (const [pattern, replacement] of BIASES) {
    const other = name.replace(pattern, replacement);
    if (other !== name) return stored.has(other) ? other : undefined;
  }
  for (const kind of partnersOf(name)) {
    const found = [...stored.keys()].filter((other) => other !== name && kind.test(other));
    if (found.length > 0) return nearest(name, found);
  }
  return undefined;
}

const fits = (patterns: readonly RegExp[], name: string): boolean => patterns.some((pattern) => pattern.test(name));

/** In a model of several parts, the one in the same part: with the longest beginning in common. */
function nearest(name: string, candidates: readonly string[]): string {
  const shared = (other: string): number => {
    let length = 0;
    while (length < name.length && name[length] === other[length]) length++;
    return length;
  };
  return candidates.reduce((best, other) => (shared(other) > shared(best) ? other : best));
}
