/** Temporary files of writeWhole.ts whose process was killed: the next one that writes the same file removes them. */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./isRunning";

/** Where a process writes the file until it is whole. */
export const temporaryOf = (path: string, pid = process.pid): string => `${path}.${pid}.tmp`;

/** Removes nothing else, and says nothing of what cannot be removed: it is in nobody's way. */
export function removeLeftovers(path: string): void {
  try {
    for (const name of readdirSync(dirname(path))) {
      const pid = writerOf(name, basename(path));
      if (pid !== null && isLeftover(join(dirname(path), name), pid)) rmSync(join(dirname(path), name));
    }
  } catch {
    // A folder that may be written to, but not listed.
  }
}

/** Number of the process that named a temporary file of `file` so; null: it is none. */
function writerOf(name: string, file: string): number | null {
  if (!name.startsWith(`${file}.`) || !name.endsWith(".tmp")) return null;
  const number = name.slice(file.length + 1, -".tmp".length);
  return /^[1-9]\d{0,9}$/.test(number) ? Number(number) : null;
}

function isLeftover(path: string, pid: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return false;
  // Numbers are used again, in containers at once: what is older than this process is not its own.
  return pid === process.pid ? stats.mtimeMs < Date.now() - process.uptime() * 1000 : !isRunning(pid);
}
