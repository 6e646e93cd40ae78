import { F32_ID } from "./codes";

/**
 * The stored types that these kernels know, as type parameters: code for each is compiled apart. A type only
 * stands for a format here: u16 for BF16, i16 for F16, f32 for F32, u8 for F8_E4M3, i8 for F8_E5M2.
 */
export type BF16 = u16;
export type F16 = i16;
export type F32 = f32;
export type E4M3 = u8;
export type E5M2 = i8;

/** Magnitude bits of a float32. */
export const MAGNITUDE = 0x7fff_ffff;
/** Magnitudes from here on are Inf and NaN. */
export const INFINITY = 0x7f80_0000;

export function bytesOf(dtype: i32): i32 {
  return dtype == F32_ID ? 4 : dtype > F32_ID ? 1 : 2;
}
