/** From numbers to the bytes of a file: one rounding, to nearest even, whatever the two types. */
import type { FloatDtype } from "../../protocol/mergeSet";
import type { Floats } from "./decode";
import { F8_FORMATS } from "./f8Table";
import type { F8Format } from "./f8Table";

/** Elements converted at a time: what the two scratch arrays hold stays in the first-level cache. */
const BLOCK = 2048;

/**
 * Encodes the first `count` values into the first bytes of `out`, which may begin anywhere in its buffer.
 * Too large becomes ±Inf – in the 8-bit dtypes the largest finite value, as does ±Inf –, too small a subnormal
 * or ±0; NaN stays NaN, and quiet where it is converted.
 */
export function encode(dtype: FloatDtype, values: Floats, out: Uint8Array, count: number): void {
  const wide = values instanceof Float64Array;
  if (dtype === (wide ? "F64" : "F32")) {
    const bytes = count * values.BYTES_PER_ELEMENT;
    out.set(new Uint8Array(values.buffer, values.byteOffset, bytes));
  } else if (dtype === "F32" || dtype === "F64") {
    convert(values, dtype === "F32" ? new Float32Array(BLOCK) : new Float64Array(BLOCK), out, count);
  } else {
    encodeSmall(SMALL_FLOATS[dtype], values, out, count);
  }
}

/** Float32 ↔ float64, block by block through `scratch`. */
function convert(values: Floats, scratch: Floats, out: Uint8Array, count: number): void {
  const bytes = new Uint8Array(scratch.buffer);
  for (let begin = 0; begin < count; begin += BLOCK) {
    const length = Math.min(BLOCK, count - begin);
    scratch.set(values.subarray(begin, begin + length));
    out.set(bytes.subarray(0, length * scratch.BYTES_PER_ELEMENT), begin * scratch.BYTES_PER_ELEMENT);
  }
}

/** Rounds float32 bits to patterns of a smaller float. */
interface SmallFloat {
  scratch: () => Uint8Array | Uint16Array;
  round: (bits: Int32Array, patterns: Uint8Array | Uint16Array, length: number) => void;
}

const half = (): Uint16Array => new Uint16Array(BLOCK);
const quarter = (): Uint8Array => new Uint8Array(BLOCK);

const SMALL_FLOATS: Readonly<Record<Exclude<FloatDtype, "F64" | "F32">, SmallFloat>> = {
  F16: { scratch: half, round: bitsToF16 },
  BF16: { scratch: half, round: bitsToBf16 },
  F8_E4M3: { scratch: quarter, round: bitsToF8(F8_FORMATS.F8_E4M3) },
  F8_E5M2: { scratch: quarter, round: bitsToF8(F8_FORMATS.F8_E5M2) },
};

function encodeSmall({ scratch, round }: SmallFloat, values: Floats, out: Uint8Array, count: number): void {
  const singles = new Float32Array(BLOCK);
  const bits = new Int32Array(singles.buffer);
  const patterns = scratch();
  const size = patterns.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(patterns.buffer);
  for (let begin = 0; begin < count; begin += BLOCK) {
    const length = Math.min(BLOCK, count - begin);
    if (values instanceof Float64Array) roundToOdd(values, begin, singles, bits, length);
    else singles.set(values.subarray(begin, begin + length));
    round(bits, patterns, length);
    out.set(bytes.subarray(0, length * size), begin * size);
  }
}

/**
 * Float64 to float32 so that a second rounding, to at most 22 bits of significand, gives what one rounding
 * would have: where the value does not fit, take the neighbour whose last bit is 1. It lies strictly between
 * the candidates and their midpoints, so it never turns into a false tie.
 * (Boldo and Melquiond, "When double rounding is odd", 2005.)
 */
function roundToOdd(from: Float64Array, begin: number, out: Float32Array, bits: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) {
    const value = from[begin + i];
    const nearest = Math.fround(value);
    out[i] = nearest;
    if (nearest !== value && value === value) {
      const truncated = Math.abs(nearest) > Math.abs(value) ? bits[i] - 1 : bits[i];
      bits[i] = truncated | 1;
    }
  }
}

/** Float32 bits to BF16, the upper half of them. */
function bitsToBf16(bits: Int32Array, half: Uint8Array | Uint16Array, length: number): void {
  for (let i = 0; i < length; i++) {
    const single = bits[i];
    if ((single & 0x7fff_ffff) > 0x7f80_0000) half[i] = (single >>> 16) | 0x40;
    // Adding just under half of the last place carries upwards exactly where rounding does; the bit above breaks ties.
    else half[i] = (single + 0x7fff + ((single >>> 16) & 1)) >>> 16;
  }
}

/** Float32 bits to F16: five bits of exponent, ten of fraction. */
function bitsToF16(bits: Int32Array, half: Uint8Array | Uint16Array, length: number): void {
  for (let i = 0; i < length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const magnitude = bits[i] & 0x7fff_ffff;
    if (magnitude > 0x7f80_0000) {
      half[i] = sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff);
    } else if (magnitude >= 0x4780_0000) {
      half[i] = sign | 0x7c00; // 2¹⁶ and above
    } else if (magnitude >= 0x3880_0000) {
      // Normal: the exponent's bias falls from 127 to 15; a carry out of 65 504 gives Inf by itself.
      const rebased = magnitude - 0x3800_0000;
      half[i] = sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
    } else if (magnitude >= 0x3300_0000) {
      // Subnormal, in units of 2⁻²⁴.
      const shift = 126 - (magnitude >>> 23);
      const significand = (magnitude & 0x7f_ffff) | 0x80_0000;
      const units = significand >>> shift;
      half[i] = sign | ((significand + (1 << (shift - 1)) - 1 + (units & 1)) >>> shift);
    } else {
      half[i] = sign; // below 2⁻²⁵, half of the smallest subnormal
    }
  }
}

/** Float32 bits to one of the 8-bit floats; what is too large saturates. */
function bitsToF8({ fractionBits, bias, largest }: F8Format): SmallFloat["round"] {
  /** Bits of the fraction that fall away, and what moves the exponent's bias, as float32 bits. */
  const dropped = 23 - fractionBits;
  const rebase = (127 - bias) << 23;
  const smallestNormal = (128 - bias) << 23;
  const halfOfSmallest = (127 - bias - fractionBits) << 23;
  return (bits, patterns, length) => {
    for (let i = 0; i < length; i++) {
      const sign = (bits[i] >>> 24) & 0x80;
      const magnitude = bits[i] & 0x7fff_ffff;
      if (magnitude > 0x7f80_0000) {
        patterns[i] = sign | 0x7f;
      } else if (magnitude >= smallestNormal) {
        const rebased = magnitude - rebase;
        const rounded = (rebased + (1 << (dropped - 1)) - 1 + ((rebased >>> dropped) & 1)) >>> dropped;
        patterns[i] = sign | Math.min(rounded, largest);
      } else if (magnitude >= halfOfSmallest) {
        // Subnormal, in units of the smallest one.
        const shift = dropped + 128 - bias - (magnitude >>> 23);
        const significand = (magnitude & 0x7f_ffff) | 0x80_0000;
        const units = significand >>> shift;
        patterns[i] = sign | ((significand + (1 << (shift - 1)) - 1 + (units & 1)) >>> shift);
      } else {
        patterns[i] = sign;
      }
    }
  };
}
