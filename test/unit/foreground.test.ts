/** When passes in the background are held. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Foreground } from "../../src/worker/foreground";

let held: boolean[];
let foreground: Foreground;
beforeEach(() => {
  vi.useFakeTimers();
  held = [];
  foreground = new Foreground((isHeld) => held.push(isHeld));
});
afterEach(() => void vi.useRealTimers());

it("while an answer is under way, and for its rest", async () => {
  let answer = (): void => undefined;
  const answered = foreground.during(() => new Promise<void>((resolve) => (answer = resolve)), 100);
  expect(held).toEqual([true]);
  vi.advanceTimersByTime(1000);
  answer();
  await answered;
  vi.advanceTimersByTime(99);
  expect(held).toEqual([true]);
  vi.advanceTimersByTime(1);
  expect(held).toEqual([true, false]);
});

it("a rest begins anew with every answer", async () => {
  for (let time = 0; time < 5; time++) {
    await foreground.during(() => Promise.resolve(), 100);
    vi.advanceTimersByTime(80);
  }
  expect(held).toEqual([true]);
  vi.advanceTimersByTime(20);
  expect(held).toEqual([true, false]);
});

it("an answer that fails holds nothing", async () => {
  await expect(foreground.during(() => Promise.reject(new Error("no")), 0)).rejects.toThrow("no");
  expect(held).toEqual([true, false]);
});

it("what waits for a rest goes on with it, or when it is cancelled", async () => {
  const controller = new AbortController();
  await foreground.rest(controller.signal);
  await foreground.during(() => Promise.resolve(), 100);
  const gone: string[] = [];
  void foreground.rest(new AbortController().signal).then(() => gone.push("rested"));
  void foreground.rest(controller.signal).then(() => gone.push("cancelled"));
  controller.abort();
  await vi.advanceTimersByTimeAsync(50);
  expect(gone).toEqual(["cancelled"]);
  await vi.advanceTimersByTimeAsync(50);
  expect(gone).toEqual(["cancelled", "rested"]);
});
