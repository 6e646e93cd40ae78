/** Required into a process that is measured: at its end, writes what it used to the file that RESOURCES_FILE names. */
const { writeFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");

if (isMainThread && process.env.RESOURCES_FILE) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const used = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
    writeFileSync(process.env.RESOURCES_FILE, JSON.stringify(used));
  });
}
