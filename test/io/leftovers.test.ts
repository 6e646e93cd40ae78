/** What a killed process left of a file that it wrote is gone when the file is written again, and nothing else is. */
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryOf } from "../../src/io/leftovers";
import { writeWhole } from "../../src/io/writeWhole";
import { temporaryFolder } from "../fixtures/temporaryFolder";

/** Above what any system gives out. */
const NOBODY = 2 ** 31 - 2;
const file = (name: string): string => `x.html.${name}.tmp`;

it("removes what dead processes left", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "x.html");
  const kept = [
    file(String(process.ppid)),
    file("0"),
    file("01234"),
    file(`${NOBODY}.5`),
    file("12a"),
    `y.html.${NOBODY}.tmp`,
    `x.html.${NOBODY}.tmp2`,
    `xxhtml.${NOBODY}.tmp`,
  ];
  for (const name of [...kept, file(String(NOBODY))]) writeFileSync(join(folder, name), "half");
  const subfolder = file(String(NOBODY - 1));
  mkdirSync(join(folder, subfolder));
  await writeWhole(path, ["whole"]);
  expect(readFileSync(path, "utf8")).toBe("whole");
  expect(readdirSync(folder).sort()).toEqual([...kept, subfolder, "x.html"].sort());
});

it("also one of its own number, as in a container, if it is older than the process", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "x.html");
  const temporary = temporaryOf(path);
  writeFileSync(temporary, "half");
  await expect(writeWhole(path, ["whole"])).rejects.toMatchObject({ code: "file-failed" });
  writeFileSync(temporary, "half");
  utimesSync(temporary, 1, 1);
  await writeWhole(path, ["whole"]);
  expect(readdirSync(folder)).toEqual(["x.html"]);
});
