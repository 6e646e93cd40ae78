/** Where a merge is to be written: a proposal, and what is wrong with a path that was typed. */
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";

/** The deepest folder that holds all `paths`; the first one's folder where they share nothing but the root. */
export function commonParent(paths: readonly string[]): string {
  const [first = ".", ...others] = paths;
  let folder = dirname(first);
  while (others.some((path) => !isInside(folder, path))) {
    const above = dirname(folder);
    if (above === folder) return dirname(first);
    folder = above;
  }
  return folder === dirname(folder) ? dirname(first) : folder;
}

/** `name`, or `name-2`, `name-3`… in `folder`, whichever does not exist yet. */
export async function freePath(
  folder: string,
  name: string,
  exists: (path: string) => Promise<boolean>,
): Promise<string> {
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : `${name}-${number}`);
    if (!(await exists(path))) return path;
  }
}

/** `text` as an absolute path, `~` as the home folder; null when it is relative. */
export function parseOutput(text: string): string | null {
  const path = text.replace(/^~(?=[\\/]|$)/, homedir());
  return isAbsolute(path) ? resolve(path) : null;
}

/** Whether an output at `out` would lie in, on or around the checkpoint at `input`. */
export const touchesInput = (out: string, input: string): boolean => isInside(out, input) || isInside(input, out);

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith("..") && !isAbsolute(way);
}
