import { expect, test } from "vitest";
import { reportDate } from "../../src/worker/reportDate";

test("a report is of now, or of when SOURCE_DATE_EPOCH says", () => {
  expect(reportDate({ SOURCE_DATE_EPOCH: "1700000000" }).toISOString()).toBe("2023-11-14T22:13:20.000Z");
  for (const given of [undefined, "", "soon", "-1", "9".repeat(30)]) {
    const before = Date.now();
    expect(reportDate({ SOURCE_DATE_EPOCH: given }).getTime()).toBeGreaterThanOrEqual(before);
  }
});
