/** Words for what stands outside the layers; kinds of module inside them keep the names of the field. */
import type { OuterRole } from "../overview/mapGrid";
import { t } from "./translate";

export function roleName(role: OuterRole): string {
  switch (role) {
    case "embed":
      return t("embeddings");
    case "norm":
      return t("norms");
    case "head":
      return t("head");
    case "other":
      return t("other");
  }
}

/** `3` is a layer; `encoder.3` says what it is. */
export const layerName = (label: string): string =>
  /^\d+$/.test(label) ? t("layer {number}", { number: label }) : label;
