/** The last part of a path, whichever way it separates its parts. */
export const fileName = (path: string): string =>
  path
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .pop() ?? path;
