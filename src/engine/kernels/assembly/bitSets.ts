import { Flag, Off, On } from "./flags";

/**
 * The entries of a block of float32 that are above 0, and those below, as bit sets.
 * @param count entries, a multiple of WORD.
 * @param negativeZeros whether there may be −0.
 */
export function signsOf(block: usize, above: usize, below: usize, count: i32, negativeZeros: bool): void {
  if (negativeZeros) signsAs<On>(block, above, below, count);
  else signsAs<Off>(block, above, below, count);
}

function signsAs<NegativeZeros>(block: usize, above: usize, below: usize, count: i32): void {
  for (const end = block + 4 * count; block < end; block += 64) {
    const low = Signs.narrow8<NegativeZeros>(block);
    const high = Signs.narrow8<NegativeZeros>(block + 32);
    const signs = i8x16.narrow_i16x8_s(low, high);
    store<u16>(above, i8x16.bitmask(i8x16.gt_s(signs, i8x16.splat(0))));
    store<u16>(below, i8x16.bitmask(signs));
    above += 2;
    below += 2;
  }
}

/** Adds the entries of one bit set to another. */
export function unite(to: usize, from: usize, count: i32): void {
  for (const end = to + count / 8; to < end; to += 16) {
    v128.store(to, v128.or(v128.load(to), v128.load(from)));
    from += 16;
  }
}

class Signs {
  /** Eight float32 as integers that are above, below and equal to 0 like them: saturation keeps that of their bits. */
  @inline
  static narrow8<NegativeZeros>(at: usize): v128 {
    if (!Flag.isOn<NegativeZeros>()) return i16x8.narrow_i32x4_s(v128.load(at), v128.load(at, 16));
    // The sum turns −0 into 0.
    const zero = f32x4.splat(0);
    return i16x8.narrow_i32x4_s(f32x4.add(v128.load(at), zero), f32x4.add(v128.load(at, 16), zero));
  }
}
