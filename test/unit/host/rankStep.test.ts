/** The dialog about adapters: what of them is merged, and to which rank that is factored. */
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MergeChoices } from "../../../src/host/dialog/choices";
import { MethodStep } from "../../../src/host/dialog/methodStep";
import { BACK, type Choice } from "../../../src/host/dialog/prompts";
import { chosenRank, RankStep } from "../../../src/host/dialog/rankStep";
import type { Method } from "../../../src/protocol/mergeSet";

const asked = vi.hoisted(() => ({ pickOne: vi.fn(), inputText: vi.fn() }));
vi.mock("vscode", () => ({
  l10n: { t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, at) => String(values[Number(at)])) },
}));
vi.mock("../../../src/host/dialog/prompts", () => ({ ...asked, BACK: Symbol("back") }));
beforeEach(() => vi.resetAllMocks());

const PEFT = resolve("test/fixtures/peft");
const FRAME = { title: "", step: 1, totalSteps: 1 };

const choicesOf = (names: string[], changes: Partial<MergeChoices> = {}): MergeChoices => ({
  base: "",
  models: names.map((name) => join(PEFT, name)),
  method: "ties",
  density: 0.2,
  t: 0.5,
  selectTopk: 0.1,
  statistics: [],
  out: "",
  ...changes,
});

/** The items that a step offers; the first one whose label has `wanted` is taken. */
async function offered<T>(step: { ask(frame: typeof FRAME): Promise<unknown> }, wanted: string): Promise<Choice<T>[]> {
  const shown: Choice<T>[] = [];
  asked.pickOne.mockImplementation(async (_: unknown, { items }: { items: Choice<T>[] }) => {
    shown.push(...items);
    return items.find(({ label }) => label.includes(wanted))?.value;
  });
  await step.ask(FRAME);
  return shown;
}

describe("is asked", () => {
  it.each([
    ["LoRA adapters with one another", choicesOf(["a", "b"]), true],
    ["adapters on a base", choicesOf(["a", "b"], { base: join(PEFT, "base") }), false],
    ["concatenation, which has its rank", choicesOf(["a", "b"], { method: "cat" }), false],
    ["(IA)³, which has no factors", choicesOf(["ia3-a", "ia3-b"]), false],
  ])("of %s: %s", (_, choices, applies) => {
    expect(new RankStep(choices).applies()).toBe(applies);
    expect(chosenRank({ ...choices, rank: 3 })).toBe(applies ? 3 : undefined);
  });
});

describe("what is offered", () => {
  const labels = async (choices: MergeChoices): Promise<string[]> =>
    (await offered(new RankStep(choices), "")).map(({ label }) => label);

  it("factors first where the ranks are equal, then the largest rank and that of all together", async () => {
    expect(await labels(choicesOf(["a", "b", "c"]))).toEqual([
      "Their Factors A and B",
      "What They Change, Factored to Rank 4",
      "What They Change, Factored to Rank 12",
      "What They Change, Factored to Another Rank…",
    ]);
  });

  it("no factors where ranks differ, or the method measures angles", async () => {
    expect((await labels(choicesOf(["a", "d"])))[0]).toBe("What They Change, Factored to Rank 4");
    expect((await labels(choicesOf(["a", "b"], { method: "slerp" })))[0]).toBe("What They Change, Factored to Rank 4");
  });

  it.each([
    ["Factors", undefined],
    ["Rank 8", 8],
  ])("%s", async (label, rank) => {
    const choices = choicesOf(["a", "b"], { rank: 5 });
    await offered(new RankStep(choices), label);
    expect(choices.rank).toBe(rank);
  });

  it("another rank, typed; back leads to the list", async () => {
    const choices = choicesOf(["a", "b"]);
    asked.inputText.mockResolvedValueOnce(BACK).mockResolvedValueOnce({ text: "6", button: false });
    await offered(new RankStep(choices), "Another");
    expect(choices.rank).toBe(6);
    const [, { problem, value }] = asked.inputText.mock.calls[0] as [
      unknown,
      { problem: (text: string) => unknown; value: string },
    ];
    expect(value).toBe("4");
    expect(["", "0", "-1", "2.5", "x"].filter((text) => problem(text) === undefined)).toEqual([]);
  });
});

describe("methods of adapters with one another", () => {
  const methods = async (choices: MergeChoices): Promise<(Method | undefined)[]> =>
    (await offered<Method>(new MethodStep(choices), "TIES")).map(({ value }) => value);

  it("are without those that need statistics of a model; of LoRA, with concatenation", async () => {
    const two = await methods(choicesOf(["a", "b"]));
    expect(two).toEqual(expect.arrayContaining(["ties", "cat", "slerp", "model_stock"]));
    expect(two).not.toContain("fisher");
    expect(two).not.toContain("regmean");
    expect(await methods(choicesOf(["a", "b", "c"]))).not.toContain("slerp");
    expect(await methods(choicesOf(["ia3-a", "ia3-b"]))).not.toContain("cat");
  });
});
