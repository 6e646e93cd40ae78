/** `*` any run of characters (dots too), `?` one character; everything else stands for itself. */
function globExpression(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${escaped}$`, "s");
}

/** Whether a tensor's name is merged: some `include` fits (none given: all), and no `exclude` does. */
export function globFilter(include: readonly string[], exclude: readonly string[]): (name: string) => boolean {
  const wanted = include.map(globExpression);
  const unwanted = exclude.map(globExpression);
  return (name) =>
    (wanted.length === 0 || wanted.some((glob) => glob.test(name))) && !unwanted.some((glob) => glob.test(name));
}
