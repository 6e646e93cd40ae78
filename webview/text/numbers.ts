/** Numbers as the panel writes them. A missing number is an en dash, a negative one has a true minus sign. */

export const NOTHING = "–";

const withMinus = (text: string): string => text.replaceAll("-", "−");

/** 12 345, 1.23 M, 8.03 B: full below 100 000, three significant digits above. */
export function formatCount(count: number): string {
  if (count < 100_000) return formatWhole(count);
  const units = ["K", "M", "B", "T"];
  let scaled = count;
  let unit = "";
  for (const next of units) {
    if (scaled < 999.5) break;
    scaled /= 1000;
    unit = next;
  }
  return `${scaled.toPrecision(3)} ${unit}`;
}

/** Every digit, in groups of three. */
export function formatWhole(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** A share from 0 to 1 as a percentage; what is not nothing is never written as 0. */
export function formatShare(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || Number.isNaN(share)) return NOTHING;
  const percent = share * 100;
  const least = 10 ** -digits;
  if (percent > 0 && percent < least) return `< ${least.toFixed(digits)} %`;
  return `${percent.toFixed(digits)} %`;
}

/** A ratio or a mean near 1, such as an agreement. */
export function formatRatio(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  // What rounds to nothing has no sign.
  return withMinus(value.toFixed(digits).replace(/^-(?=[0.]+$)/, ""));
}

/** An entry of a task vector, with its sign: +2.44e−3. */
export function formatSigned(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined) return NOTHING;
  if (value === 0) return "0";
  const text = formatMagnitude(Math.abs(value), digits);
  return `${value > 0 ? "+" : "−"}${text}`;
}

/** A magnitude in scientific notation: 9.8e−4. */
export function formatMagnitude(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  if (!Number.isFinite(value)) return "∞";
  return value === 0 ? "0" : withMinus(value.toExponential(digits));
}

/** A weight θ, with the digits a float32 carries. */
export function formatWeight(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const text = magnitude >= 1e-4 && magnitude < 1e6 ? value.toPrecision(6) : value.toExponential(5);
  return withMinus(text);
}

/** A setting such as a density, λ or a weight: as short as it was written. */
export function formatSetting(value: number): string {
  return withMinus(String(Number(value.toPrecision(6))));
}
