import { expect, it } from "vitest";
import { checkpointName, proposeBase, type CheckpointFacts } from "../../../src/host/checkpoints/proposeBase";

const facts = (path: string, more: Partial<CheckpointFacts> = {}): CheckpointFacts => ({
  path,
  parents: [],
  architecture: "Llama",
  layout: "same",
  ...more,
});

const proposal = (candidates: CheckpointFacts[], models = candidates): string | undefined =>
  proposeBase(candidates, models).find(({ proposed }) => proposed)?.path;

it("proposes what the models say they were made from, by path or by name", () => {
  const start = facts("/ws/models/start");
  const byPath = facts("/ws/models/a", { parents: ["/ws/models/start/"] });
  const byName = facts("/ws/models/b", { parents: ["organisation/Start"] });
  const relative = facts("/ws/models/c", { parents: ["./start"] });
  expect(proposal([byPath, byName, start])).toBe(start.path);
  expect(proposal([relative, byPath, start])).toBe(start.path);
});

it("does not depend on the order of the candidates", () => {
  const checkpoints = [
    facts("/m/alpha", { parents: ["beta"] }),
    facts("/m/beta"),
    facts("/m/gamma", { parents: ["beta"] }),
  ];
  const orders = [checkpoints, [...checkpoints].reverse(), [checkpoints[1]!, checkpoints[0]!, checkpoints[2]!]];
  for (const order of orders) expect(proposeBase(order, order)).toEqual(proposeBase(checkpoints, checkpoints));
});

it("takes a name such as base where nothing else speaks, but not a word that only contains it", () => {
  expect(proposal([facts("/m/tuned"), facts("/m/llama-base-7b")])).toBe("/m/llama-base-7b");
  expect(proposal([facts("/m/tuned"), facts("/m/database")])).toBeUndefined();
});

it("trusts what the models say more than a name", () => {
  const named = facts("/m/base");
  const origin = facts("/m/origin");
  const tuned = [facts("/m/a", { parents: ["/m/origin"] }), facts("/m/b", { parents: ["/m/origin"] })];
  expect(proposal([named, origin, ...tuned], tuned)).toBe("/m/origin");
});

it("never proposes a checkpoint whose tensors do not fit", () => {
  const other = facts("/m/base", { layout: "other", architecture: "Bert" });
  const tuned = [facts("/m/a", { parents: ["base"] }), facts("/m/b", { parents: ["base"] })];
  tuned.push(facts("/m/c", { parents: ["/m/base"] }));
  const ranked = proposeBase([other, ...tuned], tuned);
  expect(ranked.some(({ proposed }) => proposed)).toBe(false);
  expect(ranked.at(-1)).toMatchObject({
    path: "/m/base",
    evidence: { namedBy: 1, otherLayout: 3, otherArchitecture: 3 },
  });
});

it("proposes a base of another vocabulary: its common rows can be merged", () => {
  const base = facts("/m/base", { rows: 9 });
  const tuned = [facts("/m/a", { rows: 10 }), facts("/m/b", { rows: 9 })];
  const [first] = proposeBase([base, ...tuned], tuned);
  expect(first).toMatchObject({ path: "/m/base", proposed: true });
  expect(first!.evidence).toMatchObject({ sameLayout: 2, otherLayout: 0, otherVocabulary: 1 });
});

it("tells two families with equal names apart by their tensors", () => {
  const family = (folder: string) => [
    facts(`/${folder}/base`, { layout: folder }),
    facts(`/${folder}/a`, { layout: folder, parents: ["base"] }),
  ];
  const selected = family("large").slice(1);
  expect(proposal([...family("small"), ...family("large")], selected)).toBe("/large/base");
});

it("proposes nothing where two candidates are as good, or nothing is known", () => {
  expect(proposal([facts("/m/a"), facts("/m/b")])).toBeUndefined();
  expect(proposal([facts("/m/base"), facts("/m/pretrained")])).toBeUndefined();
  expect(proposal([facts("/m/base")])).toBeUndefined();
  expect(proposal([])).toBeUndefined();
});

it("reads a model's name from any kind of path", () => {
  for (const path of [
    "/m/Start",
    "org/Start",
    "C:\\models\\Start\\",
    "/m/Start.safetensors",
    "/hub/models--org--Start/snapshots/0a1b2c",
    "/hub/models--Start/snapshots/0a1b2c",
  ]) {
    expect(checkpointName(path), path).toBe("Start");
  }
});
