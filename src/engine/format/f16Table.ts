/** All 65 536 values of F16 as float32: 256 KiB, made on first use, then one load an element. */

let bits: Uint32Array | null = null;

/** Float32 bits of the F16 pattern that is the index. */
export function f16Bits(): Uint32Array {
  bits ??= Uint32Array.from({ length: 65_536 }, (_, pattern) => float32Bits(pattern));
  return bits;
}

/** The same table as numbers. */
export function f16Values(): Float32Array {
  return new Float32Array(f16Bits().buffer);
}

function float32Bits(pattern: number): number {
  const sign = (pattern & 0x8000) << 16;
  const exponent = (pattern >>> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f80_0000 | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal, fraction·2⁻²⁴: normal in float32 once its leading one has become the implicit bit.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | ((fraction << (13 + shift)) & 0x7f_ffff)) >>> 0;
}
