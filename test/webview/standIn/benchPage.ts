/** The page's end: stands in for the editor's webview API, and takes the times of tiles and frames. */
import type { Moved, Times } from "../../bench/inspector/times";
import { decodeMessage } from "../../bench/inspector/wire";

interface SceneUnderTest {
  zoom(factor: number, at: { x: number; y: number; size: { width: number; height: number } }): void;
  pan(dx: number, dy: number, size: { width: number; height: number }): void;
  readonly isBlank: boolean;
}

declare global {
  interface Window {
    bench: { times: Times; move(steps: number): Promise<Moved> };
    acquireVsCodeApi(): unknown;
    /** Where the bench has its own line to the page. */
    toHost?: (message: string) => void;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

window.bench = { times: { tiles: [], samples: [], answers: [], frames: [], firstPart: null, firstTile: null }, move };
const { times } = window.bench;
const asked = new Map<unknown, { level: number; at: number }>();
const sampled = new Map<unknown, number>();
/** When the settings were changed last, until what that asks for is asked for. */
let changed: number | null = null;
window.addEventListener("input", ({ timeStamp }) => (changed ??= timeStamp), true);

window.acquireVsCodeApi = () => {
  void receive();
  let state: unknown = null;
  return {
    getState: () => state,
    setState: (next: unknown) => (state = next),
    postMessage: (message: unknown) => {
      if (isRecord(message) && message.method === "tile" && isRecord(message.params)) {
        asked.set(message.id, { level: Number(message.params.level), at: performance.now() });
      }
      // What follows once the settings rest is not waited for.
      if (isRecord(message) && message.method === "sample" && isRecord(message.params) && !message.params.margins) {
        sampled.set(message.id, changed ?? performance.now());
        changed = null;
      }
      // What nobody waits for any more has no time.
      if (isRecord(message) && message.kind === "cancel") asked.delete(message.id);
      const text = JSON.stringify(message);
      if (window.toHost) window.toHost(text);
      else void fetch("/send", { method: "POST", body: text });
    },
  };
};

/** Messages come over one long answer, each behind its length. */
async function receive(): Promise<void> {
  const { body } = await fetch("/receive");
  if (!body) return;
  const head = new Uint8Array(8);
  let message: Uint8Array<ArrayBuffer> | null = null;
  let filled = 0;
  // Each byte is copied once: what carries the editor's messages is not on the page's own thread at all.
  for await (const part of body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    for (let at = 0; at < part.length;) {
      const into: Uint8Array<ArrayBuffer> = message ?? head;
      const count = Math.min(into.length - filled, part.length - at);
      into.set(part.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < into.length) continue;
      filled = 0;
      if (message) take(decodeMessage(message));
      message = message ? null : new Uint8Array(new DataView(head.buffer).getUint32(0, true));
    }
  }
}

function take(message: unknown): void {
  if (isRecord(message) && isRecord(message.value)) {
    if (message.kind === "progress" && message.value.partial) times.firstPart ??= performance.now();
    const since = sampled.get(message.id);
    if (since !== undefined && message.kind === "result") {
      times.answers.push(performance.now() - since);
      // Behind the page's own listener: it has put the figures in place, and the next frame shows them.
      const shown = (): void => {
        requestAnimationFrame(() => requestAnimationFrame((now) => times.samples.push(now - since)));
      };
      window.addEventListener("message", shown, { once: true });
    }
    const tile = asked.get(message.id);
    if (tile && message.kind === "result") {
      times.firstTile ??= performance.now();
      // Drawn in the next frame, on the screen with the one after it.
      requestAnimationFrame(() =>
        requestAnimationFrame((now) => times.tiles.push({ level: tile.level, milliseconds: now - tile.at })),
      );
    }
  }
  window.postMessage(message, "*");
}

let last = 0;
const frame = (now: number): void => {
  if (last > 0) times.frames.push(now - last);
  last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);

function picture(): HTMLCanvasElement {
  const inside = (root: ParentNode): HTMLCanvasElement | null => {
    for (const element of root.querySelectorAll("*")) {
      if (element instanceof HTMLCanvasElement && element.ariaLabel === "Elected signs") return element;
      const found = element.shadowRoot && inside(element.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const found = inside(document);
  if (!found) throw new Error("no picture");
  return found;
}

/** Zooms in and out and pans, a step a frame, as a hand on the wheel does; and looks for parts without any picture. */
async function move(steps: number): Promise<Moved> {
  const canvas = picture();
  const { scene } = (canvas.getRootNode() as ShadowRoot).host as HTMLElement & { scene: SceneUnderTest };
  times.tiles = [];
  times.frames = [];
  const { width, height } = canvas.getBoundingClientRect();
  const size = { width, height };
  const blanks: number[] = [];
  let blankSince: number | null = null;
  for (let step = 0; step < steps; step++) {
    const phase = step % 80;
    const x = width * (0.5 + 0.4 * Math.sin(Math.floor(step / 80)));
    const y = height * (0.5 + 0.3 * Math.cos(Math.floor(step / 80)));
    if (phase < 30) scene.zoom(1.25, { x, y, size });
    else if (phase < 55) scene.pan(28, -22, size);
    else scene.zoom(1 / 1.25, { x, y, size });
    await new Promise(requestAnimationFrame);
    if (scene.isBlank) blankSince ??= performance.now();
    else if (blankSince !== null) {
      blanks.push(performance.now() - blankSince);
      blankSince = null;
    }
  }
  const frames = times.frames.slice(0, steps);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return { ...times, frames, blanks };
}
