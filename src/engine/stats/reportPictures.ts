/** Which pictures of which tensors go into an HTML report, so that the file keeps to its size. */
import { pictureLayout, type ReportNotes, type StoredPictures } from "../../protocol/reportFile";
import { columnLevelOf, matrixShape } from "../../protocol/tiles";

/** Longest edges of the pictures that all tensors have, the finest that fits is taken. */
const EDGES = [128, 64, 32, 16];
/** Longest edge of the pictures of the tensors with most conflict. */
export const FINER_EDGE = 256;
/** The shorter edge of a picture has at least one of so many pixels of the longer: of a long matrix there is more than a line. */
const LEAST_SHARE = 4;
/** Edge of a block of single parameters, and of how many tensors there is one. */
const BLOCK_EDGE = 64;
const MOST_BLOCKS = 32;
/** Shares of the room: for the pictures of all tensors, for the finer ones with them; the rest is for blocks. */
const ROOM_FOR_ALL = 0.6;
const ROOM_FOR_FINER = 0.85;
/** Base64 takes four characters for three bytes; a little for the element around it. */
const CHARACTERS_PER_BYTE = 4 / 3;
const AROUND_PICTURE = 120;

export interface PictureCandidate {
  shape: readonly number[];
  /** Share of entries in conflict: what is most looked at. */
  conflict: number;
}

export interface PicturePlan {
  pictures: (StoredPictures | null)[];
  notes: Omit<ReportNotes, "version" | "written" | "limitBytes">;
}

/** @param room characters of the file. Where a block lies in its matrix is left open: at 0, 0. */
export function planPictures(tensors: readonly PictureCandidate[], models: number, room: number): PicturePlan {
  const order = tensors.map((_, at) => at).sort((a, b) => tensors[b].conflict - tensors[a].conflict || a - b);
  const pictures: (StoredPictures | null)[] = tensors.map(() => null);
  let used = 0;
  const cost = (at: number): number => {
    const picture = pictures[at];
    return picture ? storedSize(picture, models) : 0;
  };
  /** Replaces the pictures of a tensor unless that takes more than `limit`. */
  const put = (at: number, picture: StoredPictures, limit: number): boolean => {
    const more = storedSize(picture, models) - cost(at);
    if (used + more > limit) return false;
    used += more;
    pictures[at] = picture;
    return true;
  };
  const sizeAt = (edge: number): number =>
    tensors.reduce((sum, { shape }) => sum + storedSize(pictureOf(shape, edge), models), 0);
  const edge = EDGES.find((candidate) => sizeAt(candidate) <= ROOM_FOR_ALL * room) ?? EDGES[EDGES.length - 1];
  for (const at of order) put(at, pictureOf(tensors[at].shape, edge), ROOM_FOR_FINER * room);
  let finer = 0;
  for (const at of order) {
    const fine = pictureOf(tensors[at].shape, FINER_EDGE);
    if (!pictures[at] || fine.level >= pictures[at].level) continue;
    if (put(at, fine, ROOM_FOR_FINER * room)) finer++;
  }
  let blocks = 0;
  for (const at of order) {
    const picture = pictures[at];
    if (!picture || blocks === MOST_BLOCKS) continue;
    const { rows, columns } = matrixShape(tensors[at].shape);
    const block = { row: 0, column: 0, rows: Math.min(rows, BLOCK_EDGE), columns: Math.min(columns, BLOCK_EDGE) };
    if (rows * columns > 0 && put(at, { ...picture, block }, room)) blocks++;
  }
  const count = pictures.filter((picture) => picture !== null).length;
  return {
    pictures,
    notes: { edge, finerEdge: FINER_EDGE, tensors: tensors.length, pictures: count, finer, parameters: blocks },
  };
}

/** The whole matrix with at most `edge` pixels along an edge, and where there are parameters a quarter along the other. */
function pictureOf(shape: readonly number[], edge: number): StoredPictures {
  const { rows, columns } = matrixShape(shape);
  const levelFor = (parameters: number, most: number): number =>
    Math.max(0, Math.ceil(Math.log2(Math.max(parameters, 1) / most)));
  const longer = levelFor(Math.max(rows, columns), edge);
  const [level, columnLevel] = [rows, columns].map((parameters) =>
    Math.min(longer, levelFor(parameters, edge / LEAST_SHARE)),
  );
  return {
    level,
    ...(columnLevel === level ? {} : { columnLevel }),
    width: Math.ceil(columns / 2 ** columnLevel),
    height: Math.ceil(rows / 2 ** level),
    block: null,
  };
}

/** Characters at most: gzip takes a little more where there is nothing to gain. */
function storedSize(picture: StoredPictures, models: number): number {
  const { size } = pictureLayout(picture, models);
  return Math.ceil((size * 1.001 + 32) * CHARACTERS_PER_BYTE) + AROUND_PICTURE;
}

/** Where a block is to be read: aligned, where most entries are in conflict. `conflict` is the plane of the picture. */
export function placeBlock(
  { level, columnLevel, width, height, block }: StoredPictures,
  shape: readonly number[],
  conflict: ArrayLike<number>,
): StoredPictures["block"] {
  if (!block) return null;
  const { rows, columns } = matrixShape(shape);
  const [high, wide] = [2 ** level, 2 ** columnLevelOf({ level, columnLevel })];
  const [down, across] = [Math.max(1, BLOCK_EDGE / high), Math.max(1, BLOCK_EDGE / wide)];
  let best = { row: 0, column: 0, sum: -1 };
  for (let top = 0; top < height; top += down) {
    for (let left = 0; left < width; left += across) {
      let sum = 0;
      for (let y = top; y < Math.min(height, top + down); y++) {
        for (let x = left; x < Math.min(width, left + across); x++) sum += conflict[y * width + x];
      }
      if (sum > best.sum) best = { row: top * high, column: left * wide, sum };
    }
  }
  return {
    row: best.row,
    column: best.column,
    rows: Math.min(block.rows, rows - best.row),
    columns: Math.min(block.columns, columns - best.column),
  };
}
