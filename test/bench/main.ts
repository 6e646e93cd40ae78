/** `npm run bench`: every figure of docs/speed.md, as tables. `-- --quick` takes a minute or two, the whole an hour. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { benchEndToEnd } from "./endToEnd";
import { benchGrowth } from "./growth";
import { benchMemory } from "./memory";
import { benchStart } from "./start";

const PARTS = ["start", "end-to-end", "growth", "memory", "kernels", "host", "inspector"] as const;

function main(): void {
  const args = process.argv.slice(2);
  const quick = args.includes("--quick");
  const chosen = args.filter((arg) => !arg.startsWith("--"));
  const unknown = chosen.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) throw new Error(`no part ${unknown}: there are ${PARTS.join(", ")}`);
  const wanted = (part: (typeof PARTS)[number]): boolean => chosen.length === 0 || chosen.includes(part);
  // Given a folder, generated models are kept there for the next run.
  const kept = process.env.BENCH_FOLDER;
  const folder = kept ?? mkdtempSync(join(tmpdir(), "ties-merge-bench-"));
  mkdirSync(folder, { recursive: true });
  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}\n\n`,
  );
  try {
    if (wanted("start")) benchStart(folder);
    if (wanted("end-to-end")) benchEndToEnd(folder, quick);
    if (wanted("growth")) benchGrowth(folder, quick);
    if (wanted("memory")) benchMemory(folder);
    if (wanted("kernels")) runProgram("kernels");
    if (wanted("host")) runProgram("hostEventLoop");
    if (wanted("inspector")) runProgram("inspector", quick ? ["--quick"] : []);
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, so that nothing compiled or allocated before is in its way. */
const runProgram = (name: string, args: readonly string[] = []): void =>
  void execFileSync(process.execPath, ["--import", "tsx", `test/bench/${name}.ts`, ...args], { stdio: "inherit" });

main();
