/** An HTML report keeps to its size, however many tensors there are, and gives those with most conflict the most room. */
import { expect, it } from "vitest";
import { planPictures } from "../../src/engine/stats/reportPictures";
import { pictureLayout } from "../../src/protocol/reportFile";

const size = (plan: ReturnType<typeof planPictures>, models: number): number =>
  plan.pictures.reduce((sum, picture) => sum + (picture ? (pictureLayout(picture, models).size * 4) / 3 : 0), 0);
const layers = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ shape: [4096, at % 3 === 0 ? 14336 : 4096], conflict: (at % 97) / 100 }));

it.each([
  [10, 4],
  [291, 4],
  [10_000, 4],
  [10_000, 9],
])("%i tensors of %i models", (count, models) => {
  const room = 15e6;
  const tensors = layers(count);
  const plan = planPictures(tensors, models, room);
  expect(size(plan, models)).toBeLessThan(room);
  expect(plan.notes.pictures).toBe(plan.pictures.filter(Boolean).length);
  if (count <= 291) expect(plan.notes.pictures).toBe(count);
  // Those that are left out have less conflict than those that are not.
  const least = Math.min(...plan.pictures.map((picture, at) => (picture ? tensors[at]!.conflict : 1)));
  plan.pictures.forEach((picture, at) => {
    if (!picture) expect(tensors[at]!.conflict).toBeLessThanOrEqual(least);
  });
});

it("draws a small tensor parameter by parameter, and a thread of a matrix with all its rows and columns", () => {
  const { pictures } = planPictures(
    [
      { shape: [40, 30], conflict: 0 },
      { shape: [150_000, 8], conflict: 0 },
      { shape: [], conflict: 0 },
      { shape: [0, 5], conflict: 0 },
    ],
    2,
    20e6,
  );
  expect(pictures[0]).toMatchObject({ level: 0, width: 30, height: 40 });
  expect(pictures[1]).toMatchObject({ level: 10, columnLevel: 0, width: 8, height: 147 });
  expect(pictures[2]).toMatchObject({ level: 0, width: 1, height: 1 });
  expect(pictures[3]?.block).toBeNull();
});

it("has no pictures where there is no room", () => {
  expect(planPictures(layers(5), 3, 0).pictures.every((picture) => picture === null)).toBe(true);
});
