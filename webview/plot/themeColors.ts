/** The colours of the pictures, as the editor's theme has them now. */
import type { PlotPalette, Rgb } from "./blend";

export interface ThemeColors extends PlotPalette {
  /** Text and lines on the plot's background, as CSS colours. */
  foreground: string;
  faint: string;
  crosshair: string;
  halo: string;
  conflictCss: string;
  fontFamily: string;
}

/** Reads the `--ties-*` variables that style.css derives from the theme. */
export function readThemeColors(): ThemeColors {
  const style = getComputedStyle(document.body);
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const resolve = colorResolver(probe);
  const css = (name: string): string => resolve(`var(${name})`);
  const colors = {
    background: toRgb(css("--ties-plot-background")),
    positive: toRgb(css("--ties-positive")),
    negative: toRgb(css("--ties-negative")),
    conflict: toRgb(css("--ties-conflict")),
    conflictCss: css("--ties-conflict"),
    foreground: css("--ties-plot-foreground"),
    faint: css("--ties-plot-faint"),
    crosshair: css("--ties-plot-crosshair"),
    halo: css("--ties-plot-halo"),
    fontFamily: style.fontFamily,
  };
  probe.remove();
  return colors;
}

/** Resolves variables and colour functions by letting the browser compute them on an element. */
function colorResolver(probe: HTMLElement): (color: string) => string {
  return (color) => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
}

/** Any CSS colour as bytes: the canvas is the one parser that knows them all. */
function toRgb(color: string): Rgb {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return [0, 0, 0];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** Calls `listener` when the editor's theme changes. Returns how to stop. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  const attributeFilter = ["class", "data-vscode-theme-kind", "data-vscode-theme-id"];
  observer.observe(document.body, { attributes: true, attributeFilter });
  // The editor writes its colour variables on the root element, sometimes after the class.
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  return () => observer.disconnect();
}
