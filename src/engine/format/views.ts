/** The same bytes as another element type, copied only where they begin at an odd place of their buffer. */

type Bytes = Uint8Array | Float32Array | Float64Array;

/** `bytes` at an offset that a multiple-of-`size` view accepts. */
function aligned(bytes: Bytes, count: number, size: number): { buffer: ArrayBufferLike; byteOffset: number } {
  if (bytes.byteOffset % size === 0) return bytes;
  return { buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + count * size), byteOffset: 0 };
}

export function uint16View(bytes: Bytes, count: number): Uint16Array {
  const { buffer, byteOffset } = aligned(bytes, count, 2);
  return new Uint16Array(buffer, byteOffset, count);
}

export function uint32View(bytes: Bytes, count: number): Uint32Array {
  const { buffer, byteOffset } = aligned(bytes, count, 4);
  return new Uint32Array(buffer, byteOffset, count);
}

export function float32View(bytes: Bytes, count: number): Float32Array {
  const { buffer, byteOffset } = aligned(bytes, count, 4);
  return new Float32Array(buffer, byteOffset, count);
}

export function float64View(bytes: Bytes, count: number): Float64Array {
  const { buffer, byteOffset } = aligned(bytes, count, 8);
  return new Float64Array(buffer, byteOffset, count);
}
