/** JSON for people and programs, in parts: the report of ten thousand tensors is never one text in memory. */

/** Parts are cut at most so deep: an entry of `report.tensors`. */
const DEEPEST_CUT = 3;

/** The text of `JSON.stringify(value, null, 2)` and a line feed, in parts. */
export function* jsonText(value: object): Generator<string> {
  yield* parts(value, "\n", DEEPEST_CUT);
  yield "\n";
}

/** @param lineStart a line feed and the indentation of `value`. */
function* parts(value: unknown, lineStart: string, depth: number): Generator<string> {
  const entries = depth > 0 && typeof value === "object" && value !== null ? entriesOf(value) : [];
  if (entries.length === 0) {
    yield JSON.stringify(value, null, 2).replaceAll("\n", lineStart);
    return;
  }
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  let before = open;
  for (const [key, entry] of entries) {
    yield `${before}${lineStart}  ${key}`;
    yield* parts(entry, `${lineStart}  `, depth - 1);
    before = ",";
  }
  yield `${lineStart}${close}`;
}

const entriesOf = (value: object): [string, unknown][] =>
  Array.isArray(value)
    ? value.map((entry: unknown) => ["", entry])
    : Object.entries(value).flatMap(([key, entry]) =>
        entry === undefined ? [] : [[`${JSON.stringify(key)}: `, entry]],
      );
