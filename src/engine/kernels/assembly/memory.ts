/**
 * Where everything stands in the memory of the kernels. Work goes block by block, so that what passes from one
 * step to the next stays in the first-level cache. Plain TypeScript as well as AssemblyScript: the side that
 * calls the kernels reads the same figures. All addresses are in bytes.
 */

/** Most models that these kernels merge. */
export const MAX_MODELS = 16;
/** Entries of one block. */
export const BLOCK = 512;
/** Entries of one word of a bit set; where a block ends early, it is filled up with zeros to a multiple of it. */
export const WORD = 128;
/** Entries of the largest chunk (CHUNK_ELEMENTS of rawChunk.ts). */
const CHUNK = 65536;
/** Most buckets of a window (WINDOW_BUCKETS of magnitudeWindow.ts). */
const BUCKETS = 262144;

/** One block of float32, and a cache line more so that the blocks of many models do not share cache sets. */
export const STRIDE = 4 * BLOCK + 64;
/** One block as a bit set. */
export const BITS = BLOCK / 8;

/** Address and dtype of the base, then of every model. */
export const INPUTS = 64;
/** Limits of trimming of every model, as chunk.ts describes them. */
export const TRIMS = INPUTS + 8 * (MAX_MODELS + 1);
/** w_t as float32, and what each model adds to the divisor. */
export const WEIGHTS = TRIMS + 12 * MAX_MODELS;
export const SHARES = WEIGHTS + 4 * MAX_MODELS;
/** The window of every model, as histogram.ts describes it. */
export const WINDOWS = SHARES + 4 * MAX_MODELS;

/** θ₀ */
export const BASE = 1024;
/** The θ₀ of methods that have none. */
export const ZEROS = BASE + STRIDE;
/** τ_m */
export const MERGED = ZEROS + STRIDE;
/** τ_t, a block a model. */
export const TASK_VECTORS = MERGED + STRIDE;
/** τ̂_t */
export const TRIMMED = TASK_VECTORS + MAX_MODELS * STRIDE;
/** w_t·τ̂_t */
export const WEIGHTED = TRIMMED + MAX_MODELS * STRIDE;
/** γ before zero_sign: 1, −1 or 0 as float32. */
export const GAMMA = WEIGHTED + MAX_MODELS * STRIDE;
/** The last block of an input, or of the output, where it is not full. */
export const PADDED = GAMMA + STRIDE;
/** Magnitudes of sixteen entries, some of which are counted. */
export const MATCHES = PADDED + STRIDE;

/** One block of float64. */
export const WIDE_STRIDE = 2 * STRIDE;
/** τ_t as float64. */
export const WIDE = MATCHES + 64;

/** Bit sets of one block: entries of τ̂_t above and below 0, … */
export const KEPT_ABOVE = WIDE + MAX_MODELS * WIDE_STRIDE;
export const KEPT_BELOW = KEPT_ABOVE + MAX_MODELS * BITS;
/** … and of its votes, where a weight makes them differ. */
export const VOTES_ABOVE = KEPT_BELOW + MAX_MODELS * BITS;
export const VOTES_BELOW = VOTES_ABOVE + MAX_MODELS * BITS;
/** Kept entries of each model that lose the election. */
export const LOST = VOTES_BELOW + MAX_MODELS * BITS;
/** Entries of one τ_t, and of any, above and below 0. */
export const ABOVE = LOST + MAX_MODELS * BITS;
export const BELOW = ABOVE + BITS;
export const ANY_ABOVE = BELOW + BITS;
export const ANY_BELOW = ANY_ABOVE + BITS;
/** Entries with γ > 0 and γ < 0. */
export const GAMMA_ABOVE = ANY_BELOW + BITS;
export const GAMMA_BELOW = GAMMA_ABOVE + BITS;
/** Of 128 entries: those that exactly 0, 1, … models keep with +, and with −. */
export const TIMES_ABOVE = GAMMA_BELOW + BITS;
export const TIMES_BELOW = TIMES_ABOVE + 16 * (MAX_MODELS + 1);

/** A tally (stats/tally.ts), and counts that are still to be added to it, as i32. */
export const TALLY = TIMES_BELOW + 16 * (MAX_MODELS + 1);
export const TALLY_ENTRIES = 2048;
export const COUNTS = TALLY + 8 * TALLY_ENTRIES;

/** Where lists are sorted into buckets (largest.ts). */
export const SORT_BUCKETS = COUNTS + 4 * TALLY_ENTRIES;

/** Bytes of the counts of one window, with what lies above it; histograms do not share cache sets. */
export const HISTOGRAM_BYTES = 4 * BUCKETS + 128;
/** Counts a model. */
export const HISTOGRAMS = SORT_BUCKETS + 4 * 4 * 2048;
/** The encoded output of a chunk. */
export const OUTPUT = HISTOGRAMS + MAX_MODELS * HISTOGRAM_BYTES;
export const OUTPUT_BYTES = 12 * CHUNK;
/**
 * In its place, what pictures count: a byte an octet, a plane every so many bytes; behind them float64 sums of octets,
 * or τ_m of every entry as float32.
 */
export const OCTETS = CHUNK / 8;
export const OCTET_SUMS = OUTPUT + (3 * MAX_MODELS + 3) * OCTETS;
/** Copies of chunks whose bytes are not in this memory: base, then models. */
export const COPIES = OUTPUT + OUTPUT_BYTES;
export const COPY_BYTES = 4 * CHUNK;
/** From here on: room for what is read. */
export const ROOM = COPIES + (MAX_MODELS + 1) * COPY_BYTES;
