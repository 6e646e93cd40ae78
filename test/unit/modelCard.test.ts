/** The model card says what was merged, and nothing of the machine it was merged on. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMergeSet } from "../../src/engine/plan/createMergeSet";
import type { MergeSetInput } from "../../src/engine/plan/mergeSetInput";
import { modelCard } from "../../src/engine/plan/modelCard";

const HUB = "/home/somebody/.cache/huggingface/hub/models--meta-llama--Llama-3-8B/snapshots/0123abcd";

const cardOf = (input: Partial<MergeSetInput>, nonFinite = 0, notes: string[] = [], baseNonFinite = 0): string =>
  modelCard({
    set: createMergeSet({ base: "/home/somebody/base", models: [{ path: "/home/somebody/math" }], ...input }),
    version: "1.2.3",
    tensors: 12,
    parameters: 1_234_567,
    outDtype: "BF16",
    nonFinite,
    baseNonFinite,
    adapterOf: null,
    notes,
  });

const frontMatter = (card: string): unknown => parse(/^---\n([\s\S]*?)\n?---\n/.exec(card)?.[1] ?? "");
const recipe = (card: string): unknown => parse(/```yaml\n([\s\S]*?)```/.exec(card)?.[1] ?? "");

describe("the model card", () => {
  it("begins with front matter that a hub reads", () => {
    expect(frontMatter(cardOf({}))).toEqual({ library_name: "transformers", tags: ["merge", "ties-merge"] });
  });

  it("names base models that lie in the hub's cache", () => {
    expect(frontMatter(cardOf({ base: HUB }))).toMatchObject({ base_model: ["meta-llama/Llama-3-8B"] });
  });

  it("tells the method, the figures and the parameters", () => {
    const card = cardOf({ density: 0.3, lambda: 0.7 });
    expect(card).toContain("made by ties-merge 1.2.3: 12 tensors, 1,234,567 parameters, in bfloat16.");
    expect(card).toContain("| `math` | 1 | 0.3 |");
    expect(card).toContain("| `lambda` | 0.7 |");
    expect(card).toContain("arXiv:2306.01708");
  });

  it("holds the recipe with names in place of paths", () => {
    expect(recipe(cardOf({ base: HUB }))).toMatchObject({
      merge_method: "ties",
      base_model: "meta-llama/Llama-3-8B",
      models: [{ model: "math", parameters: { weight: 1, density: 0.2 } }],
      parameters: { trim_scope: "model", compat: "reference" },
    });
  });

  it("says nothing of the machine", () => {
    expect(cardOf({ base: HUB })).not.toMatch(/somebody|snapshots|20\d\d-\d\d/);
  });

  it("says how many entries took the base's value", () => {
    expect(cardOf({ nonFinite: "keep-base" }, 1234)).toContain("1,234 entries took the base's value");
    expect(cardOf({ nonFinite: "keep-base" }, 0)).not.toContain("took the base's value");
    const card = cardOf({ nonFinite: "keep-base" }, 3, [], 1);
    expect(card).toContain("2 entries took the base's value. 1 entry is not finite, as in the base.");
    expect(cardOf({ nonFinite: "keep-base" }, 2, [], 2)).not.toContain("took the base's value");
  });

  it("keeps names from being HTML or more than one line in its heading", () => {
    const models = [{ path: "/home/somebody/<img src=x>" }, { path: "/home/somebody/two\nlines" }];
    expect(cardOf({ models })).toContain("\n# \\<img src=x\\> + two lines\n");
  });

  it("keeps names from breaking its tables", () => {
    const card = cardOf({ models: [{ path: "/x/a|b`c\nd" }] });
    expect(card).toContain("| `` a\\|b`c d `` | 1 | 0.2 |");
  });
});
