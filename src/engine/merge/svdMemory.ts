/** How large the space of a truncated SVD is, and what it takes in memory. */
import { padded } from "../kernels/matrixKernels";

/** Directions beside the rank that are followed: they make the others converge. */
export const OVERSAMPLING = 8;
/** Directions that the space has room for, unless one block alone has more: their eigenvectors are looked for. */
const MAX_DIRECTIONS = 256;
/** Rows of the matrix, and terms of a product, that are worked on together. */
export const DEPTH = 128;

/** Directions of a block, and blocks that the space has room for. */
export function spaceOf(rank: number, rows: number, columns: number): { block: number; blocks: number } {
  const most = Math.min(rows, columns);
  const block = padded(Math.min(rank + OVERSAMPLING, most));
  return { block, blocks: Math.max(1, Math.floor(Math.min(MAX_DIRECTIONS, most) / block)) };
}

/** Lengths of the buffers of a `KrylovSpace`. */
export function bufferLengths(rows: number, columns: number, rank: number): number[] {
  const { block, blocks } = spaceOf(rank, rows, columns);
  const all = block * blocks;
  const [height, width, longest] = [padded(rows), padded(columns), padded(Math.max(rows, columns))];
  const tile = Math.max(DEPTH * width, all * all);
  return [all * height, all * width, block * longest, all * longest, tile, Math.max(DEPTH, all) * all];
}

/** Bytes that factoring needs beside the matrix, the factors among them. */
export function factoringBytes(rows: number, columns: number, rank: number): number {
  const buffers = bufferLengths(rows, columns, rank).reduce((sum, length) => sum + length, 0);
  const residual = DEPTH * padded(columns) + padded(rank) * (padded(columns) + DEPTH);
  return 8 * (Math.max(buffers, residual) + 2 * rank * (rows + columns));
}
