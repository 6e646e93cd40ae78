import { describe, expect, it } from "vitest";
import { fileError, onFile, wholeFileError } from "../../src/io/fileErrors";
import { MergeError } from "../../src/protocol/errors";
import { describeError } from "../../src/protocol/errorText";

const system = (code: string): Error => Object.assign(new Error(`${code}: it says why`), { code });

describe("fileError", () => {
  it.each([
    ["ENOENT", "file-missing"],
    ["EACCES", "file-no-permission"],
    ["EPERM", "file-no-permission"],
    ["EBUSY", "file-busy"],
    ["ENOSPC", "disk-full"],
    ["EDQUOT", "disk-full"],
    ["EROFS", "disk-read-only"],
    ["EMFILE", "too-many-open-files"],
    ["EIO", "file-failed"],
  ])("gives %s its own words: %s", (code, expected) => {
    const error = fileError(system(code), "/models/out");
    expect(error.code).toBe(expected);
    expect(describeError({ code: error.code, details: error.details })).toContain("(/models/out). ");
  });

  it("speaks of --resume where there is something to resume", () => {
    const textOf = ({ code, details }: MergeError): string => describeError({ code, details });
    expect(textOf(fileError(system("ENOSPC"), "/models/out"))).toContain("run again with --resume");
    expect(textOf(wholeFileError(system("ENOSPC"), "/x.html"))).toBe(
      "The disk is full (/x.html). Free some space and run again, or choose another disk.",
    );
    expect(wholeFileError(system("EACCES"), "/x.html").code).toBe("file-no-permission");
  });

  it("passes on what is said already, and the system's words where it has none", () => {
    const own = new MergeError("output-exists", { where: "x" });
    expect(fileError(own, "y")).toBe(own);
    const other = fileError(system("EIO"), "/f");
    expect(describeError({ code: other.code, details: other.details })).toContain("EIO: it says why");
    expect(onFile("/f", () => 3)).toBe(3);
  });
});
