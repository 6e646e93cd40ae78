/**
 * Light or dark, as the system has it, and light on paper: the classes that the editor would set. The colours stand in
 * report.css.
 */
export function followSystemTheme(): void {
  const dark = matchMedia("screen and (prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more)");
  const apply = (isDark = dark.matches): void => {
    const classes = contrast.matches
      ? ["vscode-high-contrast", ...(isDark ? [] : ["vscode-high-contrast-light"])]
      : [isDark ? "vscode-dark" : "vscode-light"];
    document.body.className = ["ties-report", ...classes].join(" ");
    document.body.dataset.vscodeThemeKind = classes.at(-1);
  };
  apply();
  dark.addEventListener("change", () => apply());
  contrast.addEventListener("change", () => apply());
  window.addEventListener("beforeprint", () => apply(false));
  window.addEventListener("afterprint", () => apply());
}
