import { BF16_ID, E4M3_ID, E5M2_ID, F16_ID } from "./codes";
import { BF16, E4M3, E5M2, F16, F32 } from "./dtypes";

export class Decode {
  /** Four entries as float32, exactly. */
  @inline
  static load4<D>(at: usize): v128 {
    if (isFloat<D>()) return v128.load(at);
    if (sizeof<D>() == 1) {
      // An F8_E5M2 is the upper half of an F16.
      if (isSigned<D>()) return Decode.fromF16(i32x4.shl(Decode.bytes4(at), 8));
      return Decode.fromE4m3(Decode.bytes4(at));
    }
    if (isSigned<D>()) return Decode.fromF16(v128.load16x4_s(at));
    return i32x4.shl(v128.load16x4_u(at), 16);
  }

  /** Four bytes, sign-extended to 32 bits. */
  @inline
  private static bytes4(at: usize): v128 {
    return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(at)));
  }

  /** F8_E4M3, sign-extended, as float32: like F16 below, with a bias of 7; NaN has all other bits set, Inf is not there. */
  @inline
  private static fromE4m3(bytes: v128): v128 {
    const magnitude = v128.and(i32x4.shl(bytes, 20), i32x4.splat(0x07f0_0000));
    const rebased = i32x4.add(magnitude, i32x4.splat(120 << 23));
    const isNaN = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x07e0_0000)), i32x4.splat(0x7fc0_0000));
    const subnormal = f32x4.sub(i32x4.add(magnitude, i32x4.splat(121 << 23)), i32x4.splat(121 << 23));
    const isSubnormal = i32x4.lt_s(magnitude, i32x4.splat(1 << 23));
    const value = v128.bitselect(subnormal, v128.or(rebased, isNaN), isSubnormal);
    return v128.or(value, v128.and(bytes, i32x4.splat(0x8000_0000)));
  }

  /**
   * F16, sign-extended to 32 bits, as float32. The exponent's bias rises from 15 to 127; a subnormal gets a leading
   * one, which a subtraction takes off again, and Inf and NaN the largest exponent.
   */
  @inline
  private static fromF16(halves: v128): v128 {
    const magnitude = v128.and(i32x4.shl(halves, 13), i32x4.splat(0x0fff_e000));
    const rebased = i32x4.add(magnitude, i32x4.splat(112 << 23));
    const special = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x0f7f_ffff)), i32x4.splat(112 << 23));
    const subnormal = f32x4.sub(i32x4.add(magnitude, i32x4.splat(113 << 23)), i32x4.splat(113 << 23));
    const isSubnormal = i32x4.lt_s(magnitude, i32x4.splat(1 << 23));
    const value = v128.bitselect(subnormal, i32x4.add(rebased, special), isSubnormal);
    return v128.or(value, v128.and(halves, i32x4.splat(0x8000_0000)));
  }
}

/** Decodes `count` entries, a multiple of WORD. */
export function decodeBlock(dtype: i32, from: usize, to: usize, count: i32): void {
  if (dtype == BF16_ID) decodeAs<BF16>(from, to, count);
  else if (dtype == F16_ID) decodeAs<F16>(from, to, count);
  else if (dtype == E4M3_ID) decodeAs<E4M3>(from, to, count);
  else if (dtype == E5M2_ID) decodeAs<E5M2>(from, to, count);
  else decodeAs<F32>(from, to, count);
}

function decodeAs<D>(from: usize, to: usize, count: i32): void {
  for (let end = to + 4 * count; to < end; to += 32) {
    v128.store(to, Decode.load4<D>(from));
    v128.store(to, Decode.load4<D>(from + 4 * sizeof<D>()), 16);
    from += 8 * sizeof<D>();
  }
}
