/** Which merge set a picture is of, in one line. */
import type { OpenedSet } from "../state/inspectorState";
import { formatSetting } from "../text/numbers";

export function setSummary({ set }: OpenedSet): string {
  const models = set.models.map(({ name, density }) =>
    set.method === "ties" ? `${name} (d = ${formatSetting(density)})` : name,
  );
  const base = set.base
    ?.replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .pop();
  return [`${set.method} ${set.compat}`, ...(base === undefined ? [] : [`base ${base}`]), models.join(", ")].join(
    " · ",
  );
}
