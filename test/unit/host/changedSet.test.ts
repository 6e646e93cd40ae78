/** What is changed in the inspector makes a merge set by the same rules as a recipe or a flag. */
import { expect, it } from "vitest";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { changedSet } from "../../../src/host/inspector/changedSet";
import { isInspectorSettings, settingsOf } from "../../../src/protocol/settings";

const opened = createMergeSet({
  base: "/m/base",
  models: [{ path: "/m/x/math" }, { path: "/m/x/code", weight: 2 }, { path: "/m/y/code" }],
  include: ["layers.*"],
  outDtype: "BF16",
});

it("unchanged settings make the opened set", () => {
  expect(changedSet(opened, null)).toEqual({ set: opened, members: [0, 1, 2] });
  expect(changedSet(opened, settingsOf(opened))).toEqual({ set: opened, members: [0, 1, 2] });
});

it.each(["dare_ties", "dare_linear", "breadcrumbs", "breadcrumbs_ties", "magnitude_prune", "della", "sce"] as const)(
  "unchanged settings of %s make the opened set",
  (method) => {
    const masked = createMergeSet({
      method,
      base: "/m/base",
      models: [{ path: "/m/a" }, { path: "/m/b" }],
      missing: "base",
      vocab: "common",
      ...(method.startsWith("dare") && { seed: 7 }),
      ...(method.startsWith("breadcrumbs") && { gamma: 0.02 }),
      ...(method === "della" && { seed: 7, epsilon: 0.05 }),
    });
    expect(changedSet(masked, settingsOf(masked)).set).toEqual(masked);
  },
);

it("DELLA's ε and SCE's share are changed in the inspector", () => {
  const models = [{ path: "/m/a" }, { path: "/m/b" }, { path: "/m/c" }];
  const della = createMergeSet({ method: "della", base: "/m/base", models, density: 0.5, epsilon: 0.1 });
  expect(changedSet(della, { ...settingsOf(della), epsilon: 0.3 }).set.epsilon).toBe(0.3);
  // Settings that were saved before there was one.
  const { epsilon: _, ...old } = settingsOf(della);
  expect(isInspectorSettings(old)).toBe(true);
  expect(changedSet(della, old).set.epsilon).toBe(0.1);
  const sce = createMergeSet({ method: "sce", base: "/m/base", models, selectTopk: 0.4 });
  const settings = settingsOf(sce);
  for (const model of settings.models) model.density = 0.1;
  settings.models[0]!.on = false;
  const { set, members } = changedSet(sce, settings);
  expect(members).toEqual([1, 2]);
  expect(set.selectTopk).toBe(0.1);
  expect(set.models.map(({ density }) => density)).toEqual([0.1, 0.1]);
});

it("models keep names, order and what the inspector does not change", () => {
  const settings = settingsOf(opened);
  settings.models[1]!.on = false;
  settings.models[2]!.density = 0.4;
  settings.rules.trimScope = "tensor";
  settings.lambda = 0.5;
  const { set, members } = changedSet(opened, settings);
  expect(members).toEqual([0, 2]);
  expect(set.models).toEqual([opened.models[0], { ...opened.models[2], density: 0.4 }]);
  expect(set).toMatchObject({ lambda: 0.5, include: ["layers.*"], outDtype: "BF16", base: "/m/base" });
  expect(set.rules).toEqual({ ...opened.rules, trimScope: "tensor" });
});

it("one value for all layers takes the place of a recipe's values by layer", () => {
  const byLayer = createMergeSet({ base: "/m/base", models: [{ path: "/m/a", density: [0.1, 0.9] }] });
  expect(byLayer.slices).toBeDefined();
  expect(changedSet(byLayer, null).set).toBe(byLayer);
  expect(changedSet(byLayer, settingsOf(byLayer)).set.slices).toBeUndefined();
});

it("what makes no merge is refused as everywhere", () => {
  const settings = settingsOf(opened);
  settings.models[0]!.density = 1.5;
  expect(() => changedSet(opened, settings)).toThrow(expect.objectContaining({ code: "merge-set-invalid" }));
  const none = settingsOf(opened);
  for (const model of none.models) model.on = false;
  expect(() => changedSet(opened, none)).toThrow(expect.objectContaining({ code: "merge-set-invalid" }));
  const short = { ...settingsOf(opened), models: [] };
  expect(() => changedSet(opened, short)).toThrow(expect.objectContaining({ code: "bad-message" }));
});

it("only settings pass as settings", () => {
  const settings = settingsOf(opened);
  expect(isInspectorSettings(settings)).toBe(true);
  expect(isInspectorSettings({ ...settings, method: "sum" })).toBe(false);
  expect(isInspectorSettings({ ...settings, rules: { ...settings.rules, zeroSign: "none" } })).toBe(false);
  expect(isInspectorSettings({ ...settings, models: [{ on: 1, weight: 1, density: 1 }] })).toBe(false);
  expect(isInspectorSettings({ ...settings, lambda: "1" })).toBe(false);
});
