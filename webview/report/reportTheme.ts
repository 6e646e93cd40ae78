/** Light or dark, as the system has it: the classes that the editor would set. The colours stand in report.css. */
export function followSystemTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more)");
  const apply = (): void => {
    const classes = contrast.matches
      ? ["vscode-high-contrast", ...(dark.matches ? [] : ["vscode-high-contrast-light"])]
      : [dark.matches ? "vscode-dark" : "vscode-light"];
    document.body.className = ["ties-report", ...classes].join(" ");
    document.body.dataset.vscodeThemeKind = classes.at(-1);
  };
  apply();
  dark.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
}
