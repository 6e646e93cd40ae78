import { expect, it, vi } from "vitest";
import { BACK, type Frame } from "../../../src/host/dialog/prompts";
import { runWizard } from "../../../src/host/dialog/wizard";

vi.mock("vscode", () => ({}));

type Given = true | typeof BACK | undefined;

function steps(answers: Given[], applies: (name: string) => boolean = () => true) {
  const shown: string[] = [];
  const list = ["base", "models", "density"].map((name) => ({
    applies: () => applies(name),
    ask: async ({ step, totalSteps }: Frame): Promise<Given> => {
      shown.push(`${name} ${step}/${totalSteps}`);
      return answers.shift();
    },
  }));
  return { list, shown };
}

it("walks forward, back and forward again", async () => {
  const { list, shown } = steps([true, true, BACK, BACK, true, true, true]);
  expect(await runWizard("title", list)).toBe(true);
  expect(shown).toEqual([
    "base 1/3",
    "models 2/3",
    "density 3/3",
    "models 2/3",
    "base 1/3",
    "models 2/3",
    "density 3/3",
  ]);
});

it("neither shows nor counts a step that does not apply", async () => {
  const { list, shown } = steps([true, BACK, true, true], (name) => name !== "models");
  expect(await runWizard("title", list)).toBe(true);
  expect(shown).toEqual(["base 1/2", "density 2/2", "base 1/2", "density 2/2"]);
});

it("ends where the person leaves", async () => {
  const { list, shown } = steps([true, undefined]);
  expect(await runWizard("title", list)).toBe(false);
  expect(shown).toHaveLength(2);
});
