/** What is asked for after the figures of settings that rest, and when. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FigureDetails, type DetailsOf } from "../../webview/state/figureDetails";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function record(change: Partial<DetailsOf> = {}): DetailsOf & { asked: string[]; signals: AbortSignal[] } {
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  return {
    asked,
    signals,
    withRows: () => false,
    areKnown: () => false,
    ask: (tensors, signal) => {
      asked.push(tensors ? "margins and rows" : "margins");
      signals.push(signal);
      return Promise.resolve();
    },
    ...change,
  };
}

test("margins first, the rows of many tensors when the settings rest longer", async () => {
  const details = new FigureDetails();
  const of = record();
  details.follow(of);
  await vi.advanceTimersByTimeAsync(600);
  expect(of.asked).toEqual(["margins"]);
  await expect(details.margins).resolves.toBeUndefined();
  await vi.advanceTimersByTimeAsync(1000);
  expect(of.asked).toEqual(["margins", "margins and rows"]);
});

test("rows that are looked at come at once, and once", async () => {
  const details = new FigureDetails();
  const of = record();
  details.follow(of);
  await vi.advanceTimersByTimeAsync(600);
  details.wantRows();
  expect(of.asked).toEqual(["margins", "margins and rows"]);
  details.wantRows();
  await vi.advanceTimersByTimeAsync(5000);
  expect(of.asked).toHaveLength(2);
});

test("rows of few tensors come with the margins", async () => {
  const details = new FigureDetails();
  const of = record({ withRows: () => true });
  details.follow(of);
  await vi.advanceTimersByTimeAsync(5000);
  expect(of.asked).toEqual(["margins and rows"]);
});

test("nothing is asked of settings that were left, and what was asked is cancelled", async () => {
  const details = new FigureDetails();
  const [left, current] = [record(), record()];
  details.follow(left);
  await vi.advanceTimersByTimeAsync(600);
  const { margins } = details;
  details.follow(current);
  expect(left.signals[0]!.aborted).toBe(true);
  await expect(margins).resolves.toBeUndefined();
  await vi.advanceTimersByTimeAsync(5000);
  expect(left.asked).toEqual(["margins"]);
  expect(current.asked).toEqual(["margins", "margins and rows"]);
});

test("estimated rows are not asked for where exact ones came first", async () => {
  const details = new FigureDetails();
  let known = false;
  const of = record({ areKnown: () => known });
  details.follow(of);
  await vi.advanceTimersByTimeAsync(600);
  known = true;
  await vi.advanceTimersByTimeAsync(5000);
  expect(of.asked).toEqual(["margins"]);
});
