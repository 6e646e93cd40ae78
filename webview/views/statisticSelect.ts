/** The list of statistics to colour the map by: those of all models, then each family's models. */
import type { TemplateResult } from "lit";
import type { Statistic } from "../statistics/statistic";
import { t } from "../text/translate";
import { select } from "../ui/controls";

export interface StatisticSelectOptions {
  statistics: readonly Statistic[];
  models: readonly { name: string }[];
  chosen: string;
  onChange: (id: string) => void;
}

export function statisticSelect({ statistics, models, chosen, onChange }: StatisticSelectOptions): TemplateResult {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const { id, label, models: of } of statistics) {
    const heading = of.length === 0 ? "" : label;
    const names = of.map((index) => models[index]?.name ?? "").join(" × ");
    const options = groups.get(heading) ?? [];
    groups.set(heading, options);
    options.push({ value: id, label: names === "" ? label : `${label} · ${names}` });
  }
  return select({
    label: t("Statistic that colours the map"),
    value: chosen,
    groups: [...groups].map(([label, options]) => ({ label, options })),
    onChange,
  });
}
