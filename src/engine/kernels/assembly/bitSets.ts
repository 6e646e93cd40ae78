/**
 * The entries of a block of float32 that are above 0, and those below, as bit sets.
 * @param count entries, a multiple of WORD.
 */
export function signsOf(block: usize, above: usize, below: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (const end = block + 4 * count; block < end; block += 64) {
    const a = v128.load(block);
    const b = v128.load(block, 16);
    const c = v128.load(block, 32);
    const d = v128.load(block, 48);
    store<u16>(above, Bits.of(f32x4.gt(a, zero), f32x4.gt(b, zero), f32x4.gt(c, zero), f32x4.gt(d, zero)));
    store<u16>(below, Bits.of(f32x4.lt(a, zero), f32x4.lt(b, zero), f32x4.lt(c, zero), f32x4.lt(d, zero)));
    above += 2;
    below += 2;
  }
}

/** Adds the entries of one bit set to another. */
export function unite(to: usize, from: usize, count: i32): void {
  for (const end = to + count / 8; to < end; to += 8) {
    store<u64>(to, load<u64>(to) | load<u64>(from));
    from += 8;
  }
}

class Bits {
  /** Sixteen comparisons, a bit each. */
  @inline
  static of(a: v128, b: v128, c: v128, d: v128): i32 {
    return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
  }
}
