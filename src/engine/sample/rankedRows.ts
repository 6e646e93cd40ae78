/**
 * Which entries are read of a tensor whose entries are ranked in their rows: rows drawn one in each of equal stretches,
 * of each row pieces that are evenly spread, or all of it, and blocks in the pieces that are held. A rank among an even
 * share of a row tells the place in the row without bias.
 */
import { rowLength } from "../merge/rankRow";
import { hash, seeded } from "./seeded";

export interface RankedRows {
  /** Entries that are read of each row, and ranked together. */
  length: number;
  /** Pieces of each row, which follow one another. */
  perRow: number;
  /** Entries that are held of each piece. */
  held: number;
  /** In the order in which they are held: `count` entries from `start` on are read, those from `block` on are held. */
  pieces: { start: number; count: number; block: number }[];
}

interface RankedTensor {
  name: string;
  shape: readonly number[];
  elements: number;
}

/** What it may take, in entries: held, and read. */
interface Room {
  held: number;
  read: number;
}

/** So many entries of a row tell the places of those among them well enough; more are read where there is room. */
const RANKED = 1 << 8;
const MOST_RANKED = 1 << 12;
/** Fewer, down to so many, are read where there would be fewer rows of a replicate: rows may be of very unlike size. */
const ROWS = 6;
const LEAST_RANKED = 1 << 5;
/** Entries that are held of a row, or of short rows together, unless there is room for more of each than there are rows. */
const HELD = 1 << 7;
/** A row is spread over so many pieces, of which each holds a few entries at least. */
const PIECES = 8;
const LEAST_HELD = 1 << 3;

/** @param replicates in which the rows are held one after the other, each spread over the tensor. */
export function rankedRows({ name, shape, elements }: RankedTensor, room: Room, replicates: number): RankedRows {
  const row = rowLength(shape, elements);
  const rows = elements / row;
  // Short rows are read together.
  const together = Math.min(rows, Math.max(1, Math.floor(Math.min(HELD, room.held / (ROWS * replicates)) / row)));
  const span = together * row;
  const rowsOf = (read: number, held: number): number =>
    Math.min(room.read / Math.min(span, read), room.held / Math.min(span, held));
  const most = Math.max(rowsOf(RANKED, HELD), Math.min(ROWS * replicates, rowsOf(LEAST_RANKED, LEAST_HELD)));
  const perReplicate = Math.max(1, Math.floor(Math.min(most, rows / together) / replicates));
  const number = perReplicate * replicates;
  const random = seeded(hash(name));
  const firsts = Array.from({ length: number }, (_, i) =>
    Math.min(rows - together, Math.floor(((i + random()) / number) * rows)),
  );
  const ordered = Array.from({ length: number }, (_, at) => {
    return firsts[(at % perReplicate) * replicates + Math.floor(at / perReplicate)];
  });
  if (together > 1) {
    const pieces = ordered.flatMap((first) =>
      Array.from({ length: together }, (_, k) => ({ start: (first + k) * row, count: row, block: (first + k) * row })),
    );
    return { length: row, perRow: 1, held: row, pieces };
  }
  const wanted = Math.max(1, Math.min(row, Math.floor(room.held / number)));
  const read = Math.min(row, Math.max(wanted, Math.min(MOST_RANKED, Math.floor(room.read / number))));
  const perRow = Math.min(PIECES, Math.max(1, Math.floor(wanted / LEAST_HELD)));
  const held = Math.floor(wanted / perRow);
  const least = Math.floor(read / perRow);
  const pieces = ordered.flatMap((first) =>
    Array.from({ length: perRow }, (_, k) => {
      const [from, end] = [Math.floor((k * row) / perRow), Math.floor(((k + 1) * row) / perRow)];
      const count = read === row ? end - from : least;
      const start = first * row + from + Math.floor(random() * (end - from - count + 1));
      return { start, count, block: start + Math.floor(random() * (count - held + 1)) };
    }),
  );
  return { length: read === row ? row : least * perRow, perRow, held, pieces };
}

/** Entries that are read, and held. */
export const entriesRead = ({ length, perRow, pieces }: RankedRows): number => (pieces.length / perRow) * length;
export const entriesHeld = ({ held, pieces }: RankedRows): number => pieces.length * held;
