/** Short names for the checkpoints of a merge set, made of their paths. */

/**
 * One name a path, all different: the folder's name or the file's without its ending; where these are equal the
 * parent folder's name stands in front, and where that does not tell them apart either, a number behind.
 */
export function modelNames(paths: readonly string[]): string[] {
  const short = paths.map(checkpointName);
  const long = paths.map((path, i) => (isRepeated(short, i) ? nameWithParent(path) : (short[i] ?? "")));
  const taken = new Set(long);
  return long.map((name, i) => {
    if (long.indexOf(name) === i) return name;
    let number = 2;
    while (taken.has(`${name}-${number}`)) number++;
    taken.add(`${name}-${number}`);
    return `${name}-${number}`;
  });
}

/** Folder name, or file name without the ending of a checkpoint. */
export function checkpointName(path: string): string {
  const name = pathParts(path).at(-1) ?? path;
  return name.replace(/(?<=.)\.(safetensors|bin|pt|pth|ckpt)$/i, "");
}

const nameWithParent = (path: string): string => {
  const parent = pathParts(path).at(-2);
  return parent === undefined ? checkpointName(path) : `${parent}/${checkpointName(path)}`;
};

const isRepeated = (names: readonly string[], i: number): boolean =>
  names.indexOf(names[i] ?? "") !== i || names.indexOf(names[i] ?? "", i + 1) !== -1;

const pathParts = (path: string): string[] => path.split(/[\\/]+/).filter((part) => part !== "");
