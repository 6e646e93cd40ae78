/** How far the figures of a sample may be off: half of the 95 % interval around each. */
import { figureKinds, type FigureKind } from "../../protocol/sample";
import { Breather } from "./breather";
import { stretchOf, type HeldTensor } from "./heldSample";
import type { ReplicateSpread } from "./replicateSpread";
import type { SampleSettings } from "./sampleCounts";
import { REPLICATES } from "./samplePlan";

/** 97.5 % point of Student's t with REPLICATES − 1 = 7 degrees of freedom. */
const STUDENT = 2.3646;
/**
 * The same where few entries make up most of a sum: replicates that miss them differ too little. Of 2.2 degrees of
 * freedom, with which the intervals hold for the rows and columns of very unlike size of the tests.
 */
const HEAVY_STUDENT = 3.96;
/** What three replicates of eight show, or fewer, differs by this share of its mean; two degrees of freedom are left. */
const FEW = 3;
const RARE = 0.45;
const RARE_STUDENT = 4.3;
/** Of shares. */
const ROUNDING = 1e-9;
/** Where none of a sample has a property, fewer than three of as many would have with 95 % certainty. */
const NONE_SEEN = 3;

interface Sampled {
  tensors: readonly HeldTensor[];
  settings: SampleSettings;
  /** Of each row of figures its held tensors; null where its figures are exact. */
  rows: readonly (readonly number[] | null)[];
  figures: Float64Array;
  spread: ReplicateSpread;
}

/** Fills `margins`, which are 0; NaN where a figure is, and where nothing can be said. */
export async function writeMargins(
  { tensors, settings, rows, figures, spread, margins }: Sampled & { margins: Float32Array },
  between: () => Promise<void>,
): Promise<void> {
  const kinds = figureKinds(settings.members.length);
  const breather = new Breather(between);
  for (const [at, of] of rows.entries()) {
    if (!of) continue;
    const pause = breather.after(1);
    if (pause) await pause;
    const held = of.map((tensor) => tensors[tensor]);
    const start = at * kinds.length;
    const row = figures.subarray(start, start + kinds.length);
    const isWhole = held.every(({ whole }) => whole);
    const grain = grainOf(held, settings);
    kinds.forEach((kind, figure) => {
      if (figure === 0 || (kind.isFree && isWhole)) return;
      const at = start + figure;
      margins[at] = Number.isNaN(row[figure])
        ? Number.NaN
        : marginOf(kind, row, figure, spread.errorAt(at), spread.countAt(at), grain);
    });
  }
}

/** How many entries of its tensors one held entry of a row stands for, and one block, where that is most. */
interface Grain {
  entry: number;
  block: number;
}

function grainOf(held: readonly HeldTensor[], { rules }: SampleSettings): Grain {
  let [sum, squares, block] = [0, 0, 1];
  for (const tensor of held) {
    const { weight } = stretchOf(tensor, null);
    sum += weight;
    squares += weight ** 2;
    // What blocks do not show may lie together, rows that few tokens train: a block is one look, however long it is.
    if (!tensor.whole) block = Math.max(block, tensor.elements / Math.max(1, tensor.blocks.length));
  }
  // With a threshold a tensor, each rounds to its own entries, tensors of one shape in the same way.
  const aligned = rules.trimScope === "tensor" ? sum / 2 : 0;
  return { entry: Math.max(aligned, Math.sqrt(squares)), block };
}

/** @param error of the mean of the replicates that have the figure; @param seen how many these are. */
function marginOf(
  { isCount, isHeavy, isNorm, shareOfNone, kept }: FigureKind,
  row: Float64Array,
  figure: number,
  error: number,
  seen: number,
  { entry, block }: Grain,
): number {
  const [elements, value] = [row[0], row[figure]];
  const isRare = (isCount || kept !== null) && (seen <= FEW || error > RARE * Math.abs(value));
  const spread = (isRare ? RARE_STUDENT : isHeavy ? HEAVY_STUDENT : STUDENT) * error;
  // What a sample has not met is not therefore nowhere.
  const isUnseen =
    shareOfNone === null ? error === 0 && value === 0 : error < ROUNDING && Math.abs(value - shareOfNone) < ROUNDING;
  if (isCount) {
    const isAll = error === 0 && value >= elements;
    if (isUnseen || isAll) return Math.min(elements, NONE_SEEN * Math.max(entry, block));
    // A sample counts in whole entries.
    return spread + entry * (error > 0 ? 1 : NONE_SEEN);
  }
  if (isUnseen && shareOfNone !== null) {
    return Math.min(1, (NONE_SEEN * block) / Math.max(block, (seen / REPLICATES) * elements));
  }
  // One replicate alone tells nothing of how far it may be off.
  if (seen < 2) return shareOfNone === null ? Number.NaN : 1;
  if (isUnseen && isNorm) return Number.NaN;
  return spread + (kept ? entry / Math.max(entry, kept(row)) : 0);
}
