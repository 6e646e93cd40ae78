/** Checkpoints that are not quite alike: the person decides, once for each kind of difference. */
import { beforeEach, expect, it, vi } from "vitest";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { changeMismatched } from "../../../src/host/dialog/mismatchQuestion";
import { MergeError } from "../../../src/protocol/errors";

const shown = vi.hoisted(() => ({ ask: vi.fn() }));
vi.mock("vscode", () => ({
  l10n: { t: (text: string) => text },
  window: { showWarningMessage: shown.ask },
}));
beforeEach(() => shown.ask.mockReset());

const set = createMergeSet({ base: "/base", models: [{ path: "/math" }] });
const vocabulary = new MergeError("vocabulary-differs", { where: "/base", count: 1, list: "rows 4 to 5" });
const missing = new MergeError("tensors-missing", { where: "/base", count: 1, list: "math has no b" });

it("merges the common rows, or takes the base's tensors, when told to", async () => {
  shown.ask.mockResolvedValueOnce("Merge Common Rows");
  expect(await changeMismatched(vocabulary, set)).toEqual({ ...set, vocab: "common" });
  shown.ask.mockResolvedValueOnce("Take the Base's");
  expect(await changeMismatched(missing, set)).toEqual({ ...set, missing: "base" });
});

it("shows what differs", async () => {
  await changeMismatched(vocabulary, set);
  expect(shown.ask).toHaveBeenCalledWith(
    expect.any(String),
    { modal: true, detail: expect.stringContaining("rows 4 to 5") as string },
    "Merge Common Rows",
  );
});

it("merges nothing when the person leaves", async () => {
  shown.ask.mockResolvedValueOnce(undefined);
  expect(await changeMismatched(missing, set)).toBeUndefined();
});

it("throws what no answer can mend", async () => {
  const other = new MergeError("tensors-mismatch", { where: "/base", count: 1, list: "" });
  await expect(changeMismatched(other, set)).rejects.toBe(other);
  await expect(changeMismatched(vocabulary, { ...set, vocab: "common" })).rejects.toBe(vocabulary);
  await expect(changeMismatched(missing, { ...set, base: null })).rejects.toBe(missing);
  expect(shown.ask).not.toHaveBeenCalled();
});
