/** The theme's colours as plain ones, which every program that reads SVG knows. */
export interface FigureColors {
  background: string;
  foreground: string;
  muted: string;
  line: string;
  /** Where there is no figure. */
  nothing: string;
  positive: string;
  negative: string;
  conflict: string;
  plotBackground: string;
  fontFamily: string;
  /** Of a share from 0 to 1 of the scale, and what can be read on it. */
  scale(share: number): { fill: string; ink: string };
  /** Of a value from −1 to 1 on the scale of the cosines, and what can be read on it. */
  cosine(value: number): { fill: string; ink: string };
  /** Any CSS colour. */
  resolve(css: string): string;
}

const STOPS = 5;
/** As the map and the pairs draw them. */
const INK_TURNS = 0.5;
const STRONGEST_COSINE = 60;

/** Reads them as they are now; `release` when the picture is drawn. */
export function readFigureColors(): FigureColors & { release(): void } {
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map<string, string>();
  const resolve = (css: string): string => {
    const found = known.get(css);
    if (found !== undefined) return found;
    probe.style.color = "";
    probe.style.color = css;
    const computed = getComputedStyle(probe).color;
    const color = context ? plainColor(context, computed) : computed;
    known.set(css, color);
    return color;
  };
  const variable = (name: string): string => resolve(`var(${name})`);
  return {
    background: variable("--vscode-editor-background"),
    foreground: variable("--vscode-foreground"),
    muted: variable("--ties-muted"),
    line: variable("--ties-line"),
    nothing: variable("--ties-track"),
    positive: variable("--ties-positive"),
    negative: variable("--ties-negative"),
    conflict: variable("--ties-conflict"),
    plotBackground: variable("--ties-plot-background"),
    // Names of fonts alone: a file that is read elsewhere cannot load any.
    fontFamily: `${getComputedStyle(document.body).fontFamily.replaceAll('"', "'")}, sans-serif`,
    scale: (share) => {
      const at = share * (STOPS - 1);
      const below = Math.min(STOPS - 2, Math.floor(at));
      const part = ((at - below) * 100).toFixed(1);
      return {
        fill: resolve(`color-mix(in oklab, var(--ties-scale-${below + 1}) ${part}%, var(--ties-scale-${below}))`),
        ink: variable(share < INK_TURNS ? "--ties-scale-ink-low" : "--ties-scale-ink-high"),
      };
    },
    cosine: (value) => {
      const sign = value < 0 ? "negative" : "positive";
      const strength = (Math.min(1, Math.abs(value)) * STRONGEST_COSINE).toFixed(1);
      return {
        fill: resolve(`color-mix(in srgb, var(--ties-${sign}) ${strength}%, var(--ties-plot-background))`),
        ink: variable("--ties-pair-ink"),
      };
    },
    resolve,
    release: () => probe.remove(),
  };
}

/** `#rrggbb`, over the page's own ground where it is translucent. */
function plainColor(context: CanvasRenderingContext2D, color: string): string {
  const ground = getComputedStyle(document.body).backgroundColor;
  for (const layer of [ground, color]) {
    context.fillStyle = layer;
    context.fillRect(0, 0, 1, 1);
  }
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
