/** Sizes, times and shares as people write and read them. */

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** Bytes of `5GB` (5·10⁹), `1GiB` (2³⁰) or `4096`; undefined where the text is no positive size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim()) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit.toUpperCase()];
  if (amount === undefined || factor === undefined) return undefined;
  const bytes = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** `1.23 GB`, in powers of ten. */
export function formatBytes(bytes: number): string {
  for (const unit of ["TB", "GB", "MB", "kB"]) {
    const factor = UNITS[unit.toUpperCase()] ?? 1;
    if (bytes >= factor) return `${threeDigits(bytes / factor)} ${unit}`;
  }
  return `${bytes} B`;
}

/** `1.50 GiB`, in powers of two, as memory is counted. */
export function formatMemory(bytes: number): string {
  const unit = bytes >= 2 ** 30 ? "GiB" : "MiB";
  return `${threeDigits(bytes / (UNITS[unit.toUpperCase()] ?? 1))} ${unit}`;
}

/** `48 s`, `3 min 5 s`, `2 h 4 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** `count` with its noun: `1 tensor`, `2 tensors`. */
export const counted = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A share in per cent; a dash where there is no whole. */
export const formatShare = (part: number, whole: number): string =>
  whole > 0 ? `${((100 * part) / whole).toFixed(2)} %` : "–";

export const formatSpeed = (bytes: number, seconds: number): string =>
  `${threeDigits(bytes / 1e6 / Math.max(seconds, 1e-3))} MB/s`;

const threeDigits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
