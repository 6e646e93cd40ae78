// node countTests.mjs REPORT EXIT_CODE: prints `PASSED FAILED` of a vitest JSON report. What failed without a
// test of its own (a file that does not load, an unhandled error, a run without a report) counts as one.
import { existsSync, readFileSync } from "node:fs";

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
