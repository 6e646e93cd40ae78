/** Goes through the entries of a rectangle of a tensor, row after row, in as few reads as its layout allows. */
import type { MatrixShape } from "../../protocol/tiles";
import { BYTES_OF, type ChunkReader } from "../kernels/chunkReader";
import type { RawChunk, RawInput } from "../kernels/rawChunk";
import { OCTET } from "./octets";
import type { Region } from "./pyramid";

/** Entries of one row of the matrix, in a chunk. */
export interface RowPart {
  row: number;
  column: number;
  /** Entries. */
  length: number;
  /** The octet of the chunk that the part begins with: none holds entries of two rows. */
  octet: number;
}

/** @param betweenChunks called before each chunk is read; may throw to cancel. */
export function forEachChunkOf(
  region: Region,
  { columns, elements }: MatrixShape,
  reader: ChunkReader,
  betweenChunks: () => void,
  visit: (chunk: RawChunk) => void,
): void {
  const whole = region.columns === columns;
  const rowsAtOnce = whole ? Math.max(1, Math.floor(reader.chunkElements / columns)) : 1;
  const bottom = region.row + region.rows;
  for (let row = region.row; row < bottom; row += rowsAtOnce) {
    const start = row * columns + region.column;
    const length = whole ? Math.min(rowsAtOnce, bottom - row) * columns : region.columns;
    reader.forEachStretch(start, Math.max(0, Math.min(length, elements - start)), (at, count) => {
      betweenChunks();
      const chunk = reader.chunk(at, count);
      // An octet lies in one row: where rows are not of whole octets, each is a chunk for itself.
      if (columns % OCTET === 0 || rowsAtOnce === 1) visit(chunk);
      else for (let begin = 0; begin < count; begin += columns) visit(partOf(chunk, begin, columns));
    });
  }
}

/** The rows of such a chunk. */
export function forEachRowOf({ start, count }: RawChunk, columns: number, visit: (part: RowPart) => void): void {
  for (let done = 0; done < count;) {
    const row = Math.floor((start + done) / columns);
    const column = start + done - row * columns;
    const length = Math.min(count - done, columns - column);
    visit({ row, column, length, octet: done / OCTET });
    done += length;
  }
}

function partOf(chunk: RawChunk, begin: number, length: number): RawChunk {
  const count = Math.min(length, chunk.count - begin);
  const cut = ({ dtype, bytes }: RawInput): RawInput => {
    const size = BYTES_OF[dtype];
    return { dtype, bytes: bytes.subarray(begin * size, (begin + count) * size) };
  };
  return {
    ...chunk,
    start: chunk.start + begin,
    count,
    base: chunk.base && cut(chunk.base),
    models: chunk.models.map(cut),
  };
}
