/** The densities and ε that the inspector lets DELLA be set to are those that a merge takes. */
import { expect, it } from "vitest";
import { hasWindow } from "../../src/engine/merge/randomMask";
import { largestEpsilon, takenDensity } from "../../webview/text/densityWindow";

const hundredths = Array.from({ length: 101 }, (_, at) => at / 100);

it("a density is taken as it is, or as near as a merge takes it", () => {
  for (const epsilon of [...hundredths.slice(0, 50), 0.125, 0.499]) {
    for (const density of hundredths) {
      const taken = takenDensity(density, epsilon);
      expect(hasWindow(taken, epsilon), `${density} ± ${epsilon} → ${taken}`).toBe(true);
      if (hasWindow(density, epsilon)) expect(Math.abs(taken - density)).toBeLessThan(0.0101);
    }
  }
  expect(takenDensity(0.05, 0.15)).toBe(0.16);
  expect(takenDensity(0.4, 0.15)).toBe(0.4);
});

it("no larger ε than all densities take", () => {
  for (const density of hundredths) expect(hasWindow(density, largestEpsilon([density, 0, 1]))).toBe(true);
  expect(largestEpsilon([0.3, 0.6])).toBe(0.29);
  expect(largestEpsilon([0, 1])).toBe(0.49);
});
