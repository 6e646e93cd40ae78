/** Numbers for names. Plain TypeScript as well as AssemblyScript: both sides read the same. */

export const BF16_ID = 0;
export const F16_ID = 1;
export const F32_ID = 2;
export const E4M3_ID = 3;
export const E5M2_ID = 4;

export const TIES = 0;
export const LINEAR = 1;
export const TASK_ARITHMETIC = 2;

/** Ways to count a window: few entries in it, all in it, or few and listed one by one. */
export const INSIDE = 0;
export const WHOLE = 1;
export const LISTED = 2;
