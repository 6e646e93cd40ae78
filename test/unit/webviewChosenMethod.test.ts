/** Any method that the bar offers makes a merge of what any other left, and the way back leads to what was opened. */
import { expect, test } from "vitest";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import { changedSet } from "../../src/host/inspector/changedSet";
import { COMPATS, type MergeSet, type Method } from "../../src/protocol/mergeSet";
import { settingsOf } from "../../src/protocol/settings";
import type { ShownSet } from "../../webview/state/inspectorState";
import { settingsKey } from "../../webview/state/shownStatistics";
import { MASKED, ownMethods, UNMASKED, withMethod, type MethodChoice } from "../../webview/state/chosenMethod";

const OPENED: readonly Method[] = ["ties", "sce", "della", "della_linear", ...MASKED, ...UNMASKED];
const choicesOf = (method: Method): readonly MethodChoice[] => [
  ...COMPATS.map((compat) => `ties ${compat}` as const),
  ...MASKED,
  ...UNMASKED,
  ...ownMethods(method),
];

const opened = (method: Method, density?: number): MergeSet =>
  createMergeSet({
    method,
    base: "/base",
    models: ["/a", "/b", "/c"].map((path) => ({ path, ...(density !== undefined && { density }) })),
  });
const choiceOf = ({ method, compat }: MergeSet): MethodChoice => (method === "ties" ? `ties ${compat}` : method);

test.each(OPENED)("opened as %s", (method) => {
  const set = opened(method);
  const shown = set as ShownSet;
  for (const first of choicesOf(method)) {
    for (const second of choicesOf(method)) {
      const settings = withMethod(withMethod(settingsOf(set), first, shown), second, shown);
      const merged = changedSet(set, settings).set;
      expect(choiceOf(merged)).toBe(second.startsWith("ties") ? second : settings.method);
      expect(merged.models).toHaveLength(3);
    }
    const back = withMethod(withMethod(settingsOf(set), first, shown), choiceOf(set), shown);
    expect(settingsKey(back)).toBe(settingsKey(settingsOf(set)));
  }
});

test("what a method alone knows has its usual value, and none where the set has none", () => {
  const set = opened("ties", 0.05);
  const shown = set as ShownSet;
  const breadcrumbs = withMethod(settingsOf(set), "breadcrumbs", shown);
  expect(breadcrumbs).toMatchObject({ gamma: 0.01, models: [{ density: 0.05 }, {}, {}] });
  for (const choice of choicesOf("ties")) {
    const { epsilon, gamma } = withMethod(breadcrumbs, choice, shown);
    expect([epsilon, gamma]).toEqual([undefined, choice.startsWith("breadcrumbs") ? 0.01 : 0]);
  }
  // DELLA takes no density whose probabilities would not be such.
  const ranked = opened("della", 0.5);
  const moved = withMethod({ ...settingsOf(opened("ties", 0.05)), epsilon: 0.15 }, "della_linear", ranked as ShownSet);
  expect([moved.epsilon, moved.models[0]?.density]).toEqual([0.15, 0.16]);
  // A method that does not trim has said nothing about the density.
  const averaged = opened("linear");
  expect(withMethod(settingsOf(averaged), "dare_ties", averaged as ShownSet).models[0]?.density).toBe(0.2);
});
