// node countTests.mjs REPORT EXIT_CODE: prints `PASSED FAILED` of a vitest JSON report. What failed without a
// test of its own (a file that does not load, an unhandled error, a run without a report) counts as one. What failed
// goes to stderr by name, and the first line of its message.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const [file, exitCode] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { testResults: [], numPassedTests: 0 };
const failed = report.testResults
  .filter(({ status }) => status === "failed")
  .reduce((sum, { assertionResults }) => {
    const tests = assertionResults.filter(({ status }) => status === "failed").length;
    return sum + Math.max(tests, 1);
  }, 0);
const nothingRan = report.numPassedTests + failed === 0;
console.log(report.numPassedTests, failed === 0 && (exitCode !== "0" || nothingRan) ? 1 : failed);
for (const { name, status, message, assertionResults } of report.testResults) {
  if (status !== "failed") continue;
  console.error(`failed: ${relative(process.cwd(), name)}  ${firstLine(message)}`);
  for (const { status, fullName, failureMessages } of assertionResults) {
    if (status === "failed") console.error(`  ${fullName}: ${firstLine(failureMessages.join(" "))}`);
  }
}

function firstLine(text) {
  return (text ?? "").split("\n")[0];
}
