/** Tensors with a row for each token: where a fine-tune has added some to its tokenizer, these are longer. */

/** Embeddings and heads as architectures name them, and the biases of heads. Position embeddings are none. */
const VOCABULARY =
  /(?:^|\.)(?:embed_tokens|wte|shared|word_embeddings|embed_in|tok_embeddings|tokens_embed|lm_head|lm_head\.decoder|generator_lm_head|embed_out|output_projection|proj_out|vocab_projector|predictions\.decoder)\.(?:weight|bias)$|(?:^|\.)(?:lm_head|predictions)\.bias$|^output\.weight$/;

export const isVocabularyTensor = (name: string): boolean => VOCABULARY.test(name);

/** Whether two shapes differ in the number of rows alone. */
export const differInRows = (one: readonly number[], other: readonly number[]): boolean =>
  one.length > 0 && one.length === other.length && one[0] !== other[0] && one.slice(1).join() === other.slice(1).join();
