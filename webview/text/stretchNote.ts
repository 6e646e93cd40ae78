/** Says of a matrix that fills its picture that its parameters are drawn as no squares. */
import type { Scales } from "../plot/viewport";
import { formatRatio } from "./numbers";
import { t } from "./translate";

/** Less is not seen, and would be written as once. */
const LEAST_SAID = 1.05;

/** Null where they are squares. */
export function stretchNote({ across, down }: Scales): string | null {
  const ratio = Math.max(across, down) / Math.min(across, down);
  if (!(ratio >= LEAST_SAID)) return null;
  const factor = formatFactor(ratio);
  return across > down
    ? t("columns {factor} times as wide as rows are high", { factor })
    : t("rows {factor} times as high as columns are wide", { factor });
}

const formatFactor = (factor: number): string => (factor < 10 ? formatRatio(factor, 1) : String(Math.round(factor)));
