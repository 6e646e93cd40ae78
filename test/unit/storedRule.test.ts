/** Trim rules survive JSON, with what Breadcrumbs and SCE add to them. */
import { expect, it } from "vitest";
import { KEEP_ALL, KEEP_NONE, type TrimRule } from "../../src/engine/merge/trim";
import { restoredRule, storedRule } from "../../src/worker/storedRule";

it.each<[string, TrimRule]>([
  ["everything", KEEP_ALL],
  ["nothing", KEEP_NONE],
  ["a cut between equal magnitudes", { threshold: 0.25, tieEnd: 17 }],
  ["outliers", { threshold: 0.25, tieEnd: Infinity, outliers: { threshold: 3, tieEnd: 5 } }],
  ["a selection", { ...KEEP_ALL, sce: { share: 0.3, selected: { threshold: 2 ** -20, tieEnd: Infinity } } }],
  ["a share of everything", { ...KEEP_ALL, sce: { share: 0.7, selected: null } }],
])("%s", (_, rule) => {
  expect(restoredRule(JSON.parse(JSON.stringify(storedRule(rule))) as ReturnType<typeof storedRule>)).toEqual(rule);
});
