import { BF16_ID, E4M3_ID, E5M2_ID, F16_ID } from "./codes";
import { MAGNITUDE, BF16, E4M3, E5M2, F16, F32 } from "./dtypes";
import { Flag, Off, On } from "./flags";
import { magnitudeBits, one, underHalf } from "./invariants";
import { MERGED } from "./memory";

/** Magnitudes from here on do not fit: rounding gives Inf; only Inf itself where rounding saturates. For F16 65520, for BF16 (2 − 2⁻⁸)·2¹²⁷. */
const F16_OVERFLOW = 0x477f_f000;
const BF16_OVERFLOW = 0x7f7f_8000;
const F32_OVERFLOW = 0x7f80_0000;

export class Overflow {
  /** Whether one of these magnitudes does not fit. */
  @inline
  static reached<D>(largest: v128): bool {
    const limit = isFloat<D>() || sizeof<D>() == 1 ? F32_OVERFLOW : isSigned<D>() ? F16_OVERFLOW : BF16_OVERFLOW;
    return v128.any_true(i32x4.ge_s(largest, i32x4.splat(limit)));
  }
}

export class Encode {
  /** Four float32; `underHalf` and `one` are splats of invariants.ts. */
  @inline
  static store4<D>(to: usize, values: v128, underHalf: v128, one: v128): void {
    if (isFloat<D>()) {
      v128.store(to, values);
    } else {
      const bits = isSigned<D>() ? Encode.toF16(values) : Encode.toBf16(values, underHalf, one);
      v128.store64_lane(to, i16x8.narrow_i32x4_u(bits, bits), 0);
    }
  }

  /** Eight float32, rounded to nearest even. NaN and what does not fit are not looked at here. */
  @inline
  static store8<D>(to: usize, low: v128, high: v128, underHalf: v128, one: v128): void {
    if (isFloat<D>()) {
      v128.store(to, low);
      v128.store(to, high, 16);
    } else if (sizeof<D>() == 1) {
      const halves = isSigned<D>()
        ? i16x8.narrow_i32x4_u(Encode.toE5m2(low), Encode.toE5m2(high))
        : i16x8.narrow_i32x4_u(Encode.toE4m3(low), Encode.toE4m3(high));
      v128.store64_lane(to, i8x16.narrow_i16x8_u(halves, halves), 0);
    } else if (isSigned<D>()) {
      v128.store(to, i16x8.narrow_i32x4_u(Encode.toF16(low), Encode.toF16(high)));
    } else {
      v128.store(to, i16x8.narrow_i32x4_u(Encode.toBf16(low, underHalf, one), Encode.toBf16(high, underHalf, one)));
    }
  }

  /** Adding just under half of the last place carries upwards where rounding does; the bit above it breaks ties. */
  @inline
  private static toBf16(bits: v128, underHalf: v128, one: v128): v128 {
    const odd = v128.and(i32x4.shr_u(bits, 16), one);
    return i32x4.shr_u(i32x4.add(i32x4.add(bits, underHalf), odd), 16);
  }

  /** Like toF16, with other widths; what is too large becomes the largest finite value, 448. */
  @inline
  private static toE4m3(bits: v128): v128 {
    const magnitude = i32x4.min_s(v128.and(bits, i32x4.splat(MAGNITUDE)), i32x4.splat(0x43e0_0000));
    const odd = v128.and(i32x4.shr_u(magnitude, 20), i32x4.splat(1));
    const rebased = i32x4.sub(magnitude, i32x4.splat(0x3c00_0000 - 0x7_ffff));
    const normal = i32x4.shr_u(i32x4.add(rebased, odd), 20);
    // The unit of subnormals is 2⁻⁹, the last place of 2¹⁴.
    const unit = i32x4.splat(0x4680_0000);
    const subnormal = i32x4.sub(f32x4.add(magnitude, unit), unit);
    const isNormal = i32x4.gt_s(magnitude, i32x4.splat(0x3c7f_ffff));
    const sign = v128.and(i32x4.shr_u(bits, 24), i32x4.splat(0x80));
    return v128.or(v128.bitselect(normal, subnormal, isNormal), sign);
  }

  /** The same; the largest is 57344, the unit 2⁻¹⁶. */
  @inline
  private static toE5m2(bits: v128): v128 {
    const magnitude = i32x4.min_s(v128.and(bits, i32x4.splat(MAGNITUDE)), i32x4.splat(0x4760_0000));
    const odd = v128.and(i32x4.shr_u(magnitude, 21), i32x4.splat(1));
    const rebased = i32x4.sub(magnitude, i32x4.splat(0x3800_0000 - 0xf_ffff));
    const normal = i32x4.shr_u(i32x4.add(rebased, odd), 21);
    const unit = i32x4.splat(0x4300_0000);
    const subnormal = i32x4.sub(f32x4.add(magnitude, unit), unit);
    const isNormal = i32x4.gt_s(magnitude, i32x4.splat(0x387f_ffff));
    const sign = v128.and(i32x4.shr_u(bits, 24), i32x4.splat(0x80));
    return v128.or(v128.bitselect(normal, subnormal, isNormal), sign);
  }

  /**
   * The same from 2⁻¹⁴ on, with the exponent's bias falling from 127 to 15. Below, adding ½ leaves the multiple of
   * 2⁻²⁴, the unit of subnormals, in the last places of the sum, rounded to nearest even by the addition.
   */
  @inline
  private static toF16(bits: v128): v128 {
    const magnitude = v128.and(bits, i32x4.splat(MAGNITUDE));
    const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
    const rebased = i32x4.sub(magnitude, i32x4.splat(0x3800_0000 - 0xfff));
    const normal = i32x4.shr_u(i32x4.add(rebased, odd), 13);
    const half = i32x4.splat(0x3f00_0000);
    const subnormal = i32x4.sub(f32x4.add(magnitude, half), half);
    const isNormal = i32x4.gt_s(magnitude, i32x4.splat(0x387f_ffff));
    const sign = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(0x8000));
    return v128.or(v128.bitselect(normal, subnormal, isNormal), sign);
  }
}

/**
 * Encodes MERGED; with `scaled`, θ₀ + λ·τ_m (step 5 of TIES), the product rounded before the sum.
 * @param count entries, a multiple of WORD.
 * @returns whether some result is NaN or does not fit.
 */
export function encodeBlock(dtype: i32, base: usize, scaled: bool, lambda: f32, to: usize, count: i32): bool {
  return scaled ? encodeWith<On>(dtype, base, lambda, to, count) : encodeWith<Off>(dtype, base, lambda, to, count);
}

function encodeWith<Scaled>(dtype: i32, base: usize, lambda: f32, to: usize, count: i32): bool {
  if (dtype == BF16_ID) return encodeAs<BF16, Scaled>(base, lambda, to, count);
  if (dtype == F16_ID) return encodeAs<F16, Scaled>(base, lambda, to, count);
  if (dtype == E4M3_ID) return encodeAs<E4M3, Scaled>(base, lambda, to, count);
  if (dtype == E5M2_ID) return encodeAs<E5M2, Scaled>(base, lambda, to, count);
  return encodeAs<F32, Scaled>(base, lambda, to, count);
}

function encodeAs<D, Scaled>(base: usize, lambda: f32, to: usize, count: i32): bool {
  const factor = f32x4.splat(lambda);
  const magnitudes = i32x4.splat(magnitudeBits);
  const underHalves = i32x4.splat(underHalf);
  const ones = i32x4.splat(one);
  let largest = i32x4.splat(0);
  for (let i = 0; i < 4 * count; i += 32) {
    let low = v128.load(MERGED + i);
    let high = v128.load(MERGED + i, 16);
    if (Flag.isOn<Scaled>()) {
      low = f32x4.add(f32x4.mul(low, factor), v128.load(base + i));
      high = f32x4.add(f32x4.mul(high, factor), v128.load(base + i, 16));
    }
    largest = i32x4.max_s(largest, v128.and(low, magnitudes));
    largest = i32x4.max_s(largest, v128.and(high, magnitudes));
    Encode.store8<D>(to, low, high, underHalves, ones);
    to += 8 * sizeof<D>();
  }
  return Overflow.reached<D>(largest);
}
