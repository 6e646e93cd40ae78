/** Pointer, wheel and keyboard on a picture, as actions of the scene. */
import type { TensorScene } from "./scene";
import type { Cell } from "./viewport";
import { cellAt, project } from "./viewport";

const KEY_ZOOM = 1.5;
const DOUBLE_CLICK_ZOOM = 2;
/** A pointer that moved this far, in CSS pixels, drags; below, it clicks. */
const DRAG_DISTANCE = 4;
const FAST_STEP = 10;
const PAN_SHARE = 0.25;
/** A wheel notch is about 100 pixels: this makes it a zoom of 1.25. */
const WHEEL_ZOOM_PER_PIXEL = Math.log(1.25) / 100;
const PIXELS_PER_LINE = 33;

export interface SceneInputOptions {
  /** The keyboard moved the active parameter: it should be announced. */
  onKeyboardMove(): void;
  /** The person changed what is pinned. */
  onPin(): void;
}

/** Listens on `canvas` until the returned function is called. */
export function listenOnCanvas(canvas: HTMLCanvasElement, scene: TensorScene, options: SceneInputOptions): () => void {
  const stop = new AbortController();
  const listen = <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ): void => canvas.addEventListener(type, listener as EventListener, { signal: stop.signal, passive: false });

  const cellUnder = (event: MouseEvent): Cell | null => {
    const size = scene.sizeOf(canvas);
    return cellAt(project(scene.viewport, scene.matrix, size), scene.matrix, event.offsetX, event.offsetY);
  };
  const pin = (cell: Cell | null): void => {
    scene.pin(cell);
    options.onPin();
  };

  let drag: { x: number; y: number; moved: boolean } | null = null;
  let pinnedBeforeClick: Cell | null = null;

  listen("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  listen("pointermove", (event) => {
    if (drag) {
      const dx = event.clientX - drag.x;
      const dy = event.clientY - drag.y;
      if (!drag.moved && Math.hypot(dx, dy) < DRAG_DISTANCE) return;
      drag = { x: event.clientX, y: event.clientY, moved: true };
      canvas.classList.add("dragging");
      scene.pan(dx, dy, scene.sizeOf(canvas));
      return;
    }
    scene.hover(cellUnder(event));
  });
  const endDrag = (): void => {
    canvas.classList.remove("dragging");
    // The click that follows still has to know that this was a drag.
    setTimeout(() => (drag = null));
  };
  listen("pointerup", endDrag);
  listen("pointercancel", endDrag);
  listen("pointerleave", () => scene.hover(null));
  listen("click", (event) => {
    if (drag?.moved) return;
    if (event.detail <= 1) pinnedBeforeClick = scene.pinned;
    pin(cellUnder(event));
  });
  listen("dblclick", (event) => {
    // Zooming in is not pinning: what the two clicks pinned is taken back.
    pin(pinnedBeforeClick);
    scene.zoom(event.shiftKey ? 1 / DOUBLE_CLICK_ZOOM : DOUBLE_CLICK_ZOOM, {
      x: event.offsetX,
      y: event.offsetY,
      size: scene.sizeOf(canvas),
    });
  });
  listen("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * PIXELS_PER_LINE : event.deltaY;
    const size = scene.sizeOf(canvas);
    scene.zoom(Math.exp(-pixels * WHEEL_ZOOM_PER_PIXEL), { x: event.offsetX, y: event.offsetY, size });
  });
  listen("keydown", (event) => {
    if (!handleKey(event, scene, canvas, pin)) return;
    event.preventDefault();
    event.stopPropagation();
    options.onKeyboardMove();
  });
  return () => stop.abort();
}

/** Whether the key meant something to the picture. */
function handleKey(
  event: KeyboardEvent,
  scene: TensorScene,
  canvas: HTMLCanvasElement,
  pin: (cell: Cell | null) => void,
): boolean {
  if (event.altKey || event.metaKey) return false;
  const size = scene.sizeOf(canvas);
  const { across, down: high } = project(scene.viewport, scene.matrix, size);
  // Zoomed out, a step is as many parameters as a pixel covers: a smaller one would not be seen.
  const step = (scale: number): number => Math.max(1, Math.ceil(1 / scale)) * (event.shiftKey ? FAST_STEP : 1);
  const page = Math.max(1, Math.floor((size.height / high) * 0.8));
  const { rows, columns } = scene.matrix;
  const row = scene.active?.row ?? 0;
  const arrows: Record<string, [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  const arrow = arrows[event.key];
  if (arrow) {
    const [down, right] = arrow;
    if (event.ctrlKey) scene.pan(-right * size.width * PAN_SHARE, -down * size.height * PAN_SHARE, size);
    else scene.step(down * step(high), right * step(across));
    return true;
  }
  switch (event.key) {
    case "+":
    case "=":
      scene.zoom(KEY_ZOOM);
      return true;
    case "-":
    case "_":
      scene.zoom(1 / KEY_ZOOM);
      return true;
    case "0":
      scene.fit();
      return true;
    case "Home":
      scene.moveTo({ row: event.ctrlKey ? 0 : row, column: 0 });
      return true;
    case "End":
      if (!scene.active) scene.moveTo({ row, column: 0 });
      scene.step(event.ctrlKey ? rows : 0, columns);
      return true;
    case "PageUp":
      scene.step(-page, 0);
      return true;
    case "PageDown":
      scene.step(page, 0);
      return true;
    case "Enter":
    case " ":
      if (!scene.active) scene.step(0, 0);
      pin(scene.active);
      return true;
    case "Escape":
      if (!scene.active) return false;
      pin(null);
      scene.hover(null);
      return true;
    default:
      return false;
  }
}
