import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Journal } from "../../src/io/journal";
import { temporaryFolder } from "../fixtures/temporaryFolder";

function reopened(path: string): Journal {
  const journal = new Journal(path);
  journal.close();
  return journal;
}

describe("the journal", () => {
  it("gives back in the next run what was appended in this one", () => {
    const path = join(temporaryFolder(), "j");
    const records = [{ tensor: "a\nb", sum: 1 }, "é", 3, [null]];
    const journal = new Journal(path);
    for (const record of records) journal.append(record);
    expect(journal.read()).toEqual([]);
    journal.close();
    expect(reopened(path).read()).toEqual(records);
  });

  it("is on disk as soon as append returns", () => {
    const path = join(temporaryFolder(), "j");
    const journal = new Journal(path);
    journal.append({ a: 1 });
    expect(readFileSync(path, "utf8")).toBe('{"a":1}\n');
    journal.close();
  });

  it("cut off at any byte, it loses the torn record only, and goes on from there", () => {
    const folder = temporaryFolder();
    const records = [{ tensor: "ä" }, { tensor: "b" }, { tensor: "c" }];
    const lines = records.map((record) => `${JSON.stringify(record)}\n`);
    const size = Buffer.byteLength(lines.join(""));
    let run = 0;
    fc.assert(
      fc.property(fc.nat(size), (length) => {
        const path = join(folder, `j${run++}`);
        writeFileSync(path, lines.join(""));
        truncateSync(path, length);
        let whole = 0;
        let end = 0;
        for (const line of lines) if ((end += Buffer.byteLength(line)) <= length) whole++;
        const journal = new Journal(path);
        expect(journal.read()).toEqual(records.slice(0, whole));
        journal.append("next");
        journal.close();
        expect(reopened(path).read()).toEqual([...records.slice(0, whole), "next"]);
      }),
    );
  });

  it("believes nothing after a line that is not JSON", () => {
    const path = join(temporaryFolder(), "j");
    writeFileSync(path, "1\n\0\0\0\n2\n");
    appendFileSync(path, "3\n");
    expect(reopened(path).read()).toEqual([1]);
    expect(existsSync(path) && readFileSync(path, "utf8")).toBe("1\n");
  });
});
