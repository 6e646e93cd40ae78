import { expect, it } from "vitest";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { SetStore, type Memento } from "../../../src/host/inspector/setStore";

function memento(): Memento {
  let kept: string | undefined;
  return {
    get: () => (kept === undefined ? undefined : JSON.parse(kept)),
    update: async (_, value) => void (kept = JSON.stringify(value)),
  };
}

const set = (density: number) => createMergeSet({ base: "/m/base", models: [{ path: "/m/a" }], density });

it("finds a set again after a restart, and gives equal sets one id", async () => {
  const state = memento();
  const first = await new SetStore(state).keep(set(0.2));
  expect(await new SetStore(state).keep(set(0.2))).toBe(first);
  expect(await new SetStore(state).keep(set(0.3))).not.toBe(first);
  expect(new SetStore(state).find(first)).toEqual(set(0.2));
  expect(new SetStore(state).find("unknown")).toBeUndefined();
});

it("forgets the oldest of many, but not one that was used again", async () => {
  const store = new SetStore(memento());
  const first = await store.keep(set(0.01));
  const second = await store.keep(set(0.02));
  for (let i = 3; i <= 50; i++) await store.keep(set(i / 100));
  await store.keep(set(0.01));
  await store.keep(set(0.51));
  expect(store.find(first)).toBeDefined();
  expect(store.find(second)).toBeUndefined();
});
