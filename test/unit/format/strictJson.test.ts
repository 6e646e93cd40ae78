import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError, MAX_JSON_DEPTH, parseStrictJson } from "../../../src/engine/format/strictJson";

const outcome = (parse: () => unknown): { value: unknown } | "refused" => {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof JsonError || error instanceof SyntaxError) return "refused";
    throw error;
  }
};

describe("parseStrictJson", () => {
  it("reads every JSON text as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), fc.nat(3), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(parseStrictJson(` \n${spaced}\t\r`)).toEqual(JSON.parse(spaced));
      }),
    );
  });

  it("refuses what JSON.parse refuses: texts with one character changed", () => {
    const character = fc.constantFrom(...Array.from('{}[]",:\\ \n\t0123456789.eE+-truefalsn/u\0\u00a0\ufeff'));
    const texts = fc.constantFrom(
      '{"a":[1,-2.5e+3,true,null],"b":{"c":"x\\n\\u0041"}}',
      '[0,"",false,{}, [] ,1E-2]',
      '{"dtype":"F32","shape":[10,0],"data_offsets":[0,400]}',
    );
    fc.assert(
      fc.property(texts, fc.nat(60), fc.nat(2), character, (text, at, removed, added) => {
        const changed = text.slice(0, at) + added + text.slice(at + removed);
        const expected = outcome(() => JSON.parse(changed) as unknown);
        const got = outcome(() => parseStrictJson(changed));
        // The only texts that JSON.parse takes and this does not have a key twice; none here has half a surrogate pair.
        if (got === "refused" && expected !== "refused") {
          expect(() => parseStrictJson(changed)).toThrow(/duplicate-key/);
        } else expect(got).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it("reads numbers of any length exactly as JSON.parse does", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 25n),
        fc.nat(25),
        fc.constantFrom("", ".0", "e3", "E-2", ".5e1", "x", " 1"),
        (number, digits, end) => {
          for (const text of [`${String(number).slice(0, digits)}${end}`, `0${number}${end}`, `-${number}`]) {
            expect(outcome(() => parseStrictJson(text))).toEqual(outcome(() => JSON.parse(text) as unknown));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['{"a":1,"a":1}', '{"a":{"b":1,"\\u0062":2}}', '[{"":1,"":1}]', '{"__proto__":1,"__proto__":2}'])(
    "refuses the duplicate key in %s",
    (text) => expect(() => parseStrictJson(text)).toThrow(/duplicate-key/),
  );

  it("finds a duplicate key wherever it stands in an object of any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (size, at) => {
        const keys = Array.from({ length: size }, (_, i) => `k${i}`);
        const text = (names: string[]): string => `{${names.map((name) => `"${name}":0`).join(",")}}`;
        expect(Object.keys(parseStrictJson(text(keys)) as object)).toEqual(keys);
        expect(() => parseStrictJson(text([...keys, keys[at % size]]))).toThrow(/duplicate-key/);
      }),
    );
  });

  it("refuses nesting that could exhaust the stack, and takes as much as is allowed", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseStrictJson(nested(MAX_JSON_DEPTH + 1))).not.toThrow();
    expect(() => parseStrictJson(nested(MAX_JSON_DEPTH + 2))).toThrow(JsonError);
    expect(() => parseStrictJson("[".repeat(1_000_000))).toThrow(JsonError);
  });
});
