import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EngineKeeper, KEEP_ENGINE_MS, type EngineWorker } from "../../../src/host/engineKeeper";

let started: { alive: boolean; disposed: boolean }[];
const keeper = (): EngineKeeper =>
  new EngineKeeper(() => {
    const entry = { alive: true, disposed: false };
    started.push(entry);
    return {
      api: {} as EngineWorker["api"],
      get alive() {
        return entry.alive;
      },
      dispose: () => (entry.disposed = true),
    };
  });

beforeEach(() => {
  started = [];
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

it("starts one engine for all who need it, and ends it a while after the last", async () => {
  const engines = keeper();
  const first = engines.acquire();
  const second = engines.acquire();
  first.release();
  first.release();
  await vi.advanceTimersByTimeAsync(KEEP_ENGINE_MS * 2);
  expect(started.map(({ disposed }) => disposed)).toEqual([false]);
  second.release();
  await vi.advanceTimersByTimeAsync(KEEP_ENGINE_MS - 1);
  expect(started[0]?.disposed).toBe(false);
  engines.acquire().release();
  await vi.advanceTimersByTimeAsync(KEEP_ENGINE_MS - 1);
  expect(started.map(({ disposed }) => disposed)).toEqual([false]);
  await vi.advanceTimersByTimeAsync(1);
  expect(started.map(({ disposed }) => disposed)).toEqual([true]);
});

it("gives the engine back when the work fails", async () => {
  const engines = keeper();
  await expect(engines.use(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await vi.advanceTimersByTimeAsync(KEEP_ENGINE_MS);
  expect(started[0]?.disposed).toBe(true);
});

it("starts a new engine after one has died, and ends the dead one when it is given back", () => {
  const engines = keeper();
  const lease = engines.acquire();
  started[0]!.alive = false;
  const next = engines.acquire();
  expect(next.api).not.toBe(lease.api);
  lease.release();
  expect(started.map(({ disposed }) => disposed)).toEqual([true, false]);
});

it("lets those at work keep their engine when settings change", () => {
  const engines = keeper();
  const old = engines.acquire();
  engines.renew();
  const next = engines.acquire();
  expect(next.api).not.toBe(old.api);
  expect(started.map(({ disposed }) => disposed)).toEqual([false, false]);
  old.release();
  expect(started.map(({ disposed }) => disposed)).toEqual([true, false]);
});

it("ends every engine when the extension ends", () => {
  const engines = keeper();
  engines.acquire();
  engines.renew();
  engines.acquire();
  engines.dispose();
  expect(started.map(({ disposed }) => disposed)).toEqual([true, true]);
});
