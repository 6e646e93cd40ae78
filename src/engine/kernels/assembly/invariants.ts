/**
 * Constants of loops. The engine that compiles the module does not move constants out of loops: as variables, which
 * the module exports so that nobody takes them for constants, they stay in registers.
 */
import { MAGNITUDE } from "./dtypes";

export let magnitudeBits: i32 = MAGNITUDE;
export let signBits: i32 = 0x8000_0000;
export let one: i32 = 1;
/** Just under half of the last place of a BF16. */
export let underHalf: i32 = 0x7fff;
