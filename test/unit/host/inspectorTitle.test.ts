/** The tab of an inspector names the models that it shows, and counts none that it does not. */
import { expect, it, vi } from "vitest";
import { inspectorTitle } from "../../../src/host/inspector/inspectorTitle";

vi.mock("vscode", () => ({
  l10n: { t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, at) => String(values[Number(at)])) },
}));

const models = ["math", "code", "chat", "biology"].map((name) => ({ name }));

it("names up to three models, and counts more", () => {
  expect(inspectorTitle(models.slice(0, 3))).toBe("Interference: math, code, chat");
  expect(inspectorTitle(models)).toBe("Interference: 4 models");
});

it("says of how many, where not all could be opened", () => {
  expect(inspectorTitle(models.slice(0, 3), 4)).toBe("Interference: 3 of 4 models");
});
