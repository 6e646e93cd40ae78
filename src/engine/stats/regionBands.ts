/**
 * The rows of a narrow rectangle of a tensor, many of them in one chunk: a row of a tile is a few hundred entries, and
 * a kernel's call for each would take longer than its arithmetic.
 */
import type { MatrixShape } from "../../protocol/tiles";
import type { ChunkReader } from "../kernels/chunkReader";
import type { TiesChunkRules } from "../kernels/kernels";
import type { RawChunk } from "../kernels/rawChunk";
import type { TrimRule } from "../merge/trim";
import { OCTET } from "./octets";
import type { Region } from "./pyramid";

/** Rows of the rectangle, each as long in the chunk and from an octet on; what fills up the last octet is unchanged. */
export interface Band {
  chunk: RawChunk;
  /** The rules for this chunk. */
  ties: TiesChunkRules;
  row: number;
  rows: number;
}

/**
 * @param region no wider than a chunk of the reader.
 * @param betweenChunks called before each chunk is read; may throw to cancel.
 */
export function forEachBandOf(
  region: Region,
  { columns, elements }: MatrixShape,
  reader: ChunkReader,
  ties: TiesChunkRules,
  betweenChunks: () => void,
  visit: (band: Band) => void,
): void {
  const room = Math.ceil(region.columns / OCTET) * OCTET;
  const most = Math.max(1, Math.floor(reader.chunkElements / room));
  const bottom = region.row + region.rows;
  for (let row = region.row; row < bottom;) {
    const start = row * columns + region.column;
    // Where a vector is folded its last row may end early.
    const whole = Math.floor((elements - start - region.columns) / columns) + 1;
    const rows = Math.min(most, bottom - row, whole, rowsAlike(ties.rules, row, columns));
    const count = Math.min(region.columns, elements - start);
    betweenChunks();
    if (rows > 1) {
      const chunk = reader.rows(start, rows, region.columns, columns, room);
      visit({ chunk, ties: anywhere(ties, start), row, rows });
    } else if (count > 0) {
      visit({ chunk: reader.chunk(start, count), ties, row, rows: 1 });
    }
    row += Math.max(1, rows);
  }
}

/** From `row` on, rows whose entries lie on the same side of the end of every rule's ties; at most 1 of what is drawn. */
function rowsAlike(rules: readonly TrimRule[], row: number, columns: number): number {
  let alike = Infinity;
  for (const { tieEnd, random, outliers, sce } of rules) {
    if (random) return 1;
    for (const end of [tieEnd, outliers?.tieEnd, sce?.selected?.tieEnd]) {
      const last = end === undefined ? Infinity : Math.floor(end / columns);
      if (last >= row) alike = Math.min(alike, Math.max(1, last - row));
    }
  }
  return alike;
}

/** The same rules for entries on the side of `start`, wherever in a chunk they stand. */
function anywhere({ rules, zeroSign }: TiesChunkRules, start: number): TiesChunkRules {
  const settled = <Rule extends { tieEnd: number }>(rule: Rule): Rule => ({
    ...rule,
    tieEnd: rule.tieEnd > start ? Infinity : 0,
  });
  return {
    zeroSign,
    rules: rules.map(({ outliers, sce, ...rule }) => ({
      ...settled(rule),
      ...(outliers && { outliers: settled(outliers) }),
      ...(sce && { sce: { ...sce, selected: sce.selected && settled(sce.selected) } }),
    })),
  };
}
