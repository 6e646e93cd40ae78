/** The pictures show what the masks say, from the whole matrix to single parameters. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { canvasPixels, chooseTensor, openInspector, shoot, whenDrawn, whenExact } from "./inspectorPage";
import { KNOWN_MASKS } from "./standIn/fixtures";

type Rgb = [number, number, number];

/** The theme's colours, computed by the browser and not by the code under test. */
async function themeColors(page: Page): Promise<Record<"positive" | "negative" | "conflict" | "background", Rgb>> {
  return page.evaluate(() => {
    const resolve = (name: string): [number, number, number] => {
      const canvas = document.createElement("canvas");
      const context = canvas.getContext("2d")!;
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = `var(${name})`;
      context.fillStyle = getComputedStyle(probe).color;
      context.fillRect(0, 0, 1, 1);
      probe.remove();
      const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
      return [r!, g!, b!];
    };
    return {
      positive: resolve("--ties-positive"),
      negative: resolve("--ties-negative"),
      conflict: resolve("--ties-conflict"),
      background: resolve("--ties-plot-background"),
    };
  });
}

const map = (root: Locator, name: string): Locator => root.getByRole("application", { name });
const near = (a: Rgb, b: Rgb, tolerance = 2): boolean =>
  a.every((channel, i) => Math.abs(channel - b[i]!) <= tolerance);

/** Points a little off the middle of each cell, where no glyph, grid or hatching is. */
async function cellPoints(canvas: Locator, rows: number, columns: number): Promise<[number, number][]> {
  const { width, height } = await canvas.evaluate((element) => ({
    width: element.clientWidth,
    height: element.clientHeight,
  }));
  const scale = Math.min(width / columns, height / rows, 72);
  const left = width / 2 - (columns / 2) * scale;
  const top = height / 2 - (rows / 2) * scale;
  return Array.from({ length: rows * columns }, (_, i) => [
    left + ((i % columns) + 0.5) * scale,
    top + (Math.floor(i / columns) + 0.1) * scale,
  ]);
}

test("every cell of hand-written masks has its colour", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "known" });
  await whenExact(root);
  await chooseTensor(root, "known.weight");
  await whenDrawn(page);
  await shoot(page, "known");
  const colors = await themeColors(page);
  const [first, second] = KNOWN_MASKS.map((mask) => [...mask.join("")]);

  for (const [name, mask, other] of [
    ["Trim mask of math", first!, null],
    ["Trim mask of code", second!, first!],
  ] as const) {
    const pixels = await canvasPixels(map(root, name), await cellPoints(map(root, name), 8, 8));
    mask.forEach((sign, i) => {
      // The first model's entries are twice as large, so the second loses wherever they differ.
      const lost = other && sign !== "0" && other[i] !== "0" && other[i] !== sign;
      const expected = lost
        ? colors.conflict
        : sign === "+"
          ? colors.positive
          : sign === "-"
            ? colors.negative
            : colors.background;
      expect(near(pixels[i]!, expected), `${name}, cell ${i} (${sign}): ${pixels[i]} for ${expected}`).toBe(true);
    });
  }

  const elected = await canvasPixels(map(root, "Elected signs"), await cellPoints(map(root, "Elected signs"), 8, 8));
  first!.forEach((sign, i) => {
    const winner = sign === "0" ? second![i]! : sign;
    const conflict = sign !== "0" && second![i] !== "0" && sign !== second![i];
    const expected = conflict
      ? colors.conflict
      : winner === "+"
        ? colors.positive
        : winner === "-"
          ? colors.negative
          : colors.background;
    expect(near(elected[i]!, expected), `elected ${i}: ${elected[i]} for ${expected}`).toBe(true);
  });

  // Without conflicts the elected sign itself is seen.
  await root.locator("vscode-checkbox", { hasText: "Conflicts" }).click();
  await whenDrawn(page);
  const plain = await canvasPixels(map(root, "Elected signs"), await cellPoints(map(root, "Elected signs"), 8, 8));
  expect(near(plain[33]!, colors.negative)).toBe(true);
  expect(problems).toEqual([]);
  await close();
});

test("zoomed out, a pixel has the share of its whole block; zoomed in, the entries stand apart", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "known" });
  await whenExact(root);
  await chooseTensor(root, "quarters.weight");
  await whenDrawn(page);
  const colors = await themeColors(page);
  const mask = map(root, "Trim mask of math");
  const { width } = await mask.evaluate((element) => ({ width: element.clientWidth }));
  expect(width).toBeLessThan(512);
  const blend = (share: number, to: Rgb): Rgb =>
    colors.background.map((channel, i) => Math.round(channel + (to[i]! - channel) * Math.sqrt(share))) as Rgb;
  const [full, half, sparse, none] = await canvasPixels(mask, [
    [width * 0.25, width * 0.25],
    [width * 0.75, width * 0.25],
    [width * 0.26, width * 0.76],
    [width * 0.75, width * 0.75],
  ]);
  expect(full).toEqual(colors.positive);
  expect(near(half!, blend(128 / 255, colors.negative)), `${half}`).toBe(true);
  expect(near(none!, colors.background), `${none}`).toBe(true);
  // One entry in 64: at this level a pixel has either 1/16 (its block holds one) or nothing.
  const level = Math.ceil(Math.log2(512 / width));
  expect(
    [blend(1 / 4 ** level, colors.positive), colors.background].some((color) => near(sparse!, color, 6)),
    `${sparse}`,
  ).toBe(true);

  await map(root, "Elected signs").focus();
  for (let notch = 0; notch < 9; notch++) await page.keyboard.press("+");
  await whenDrawn(page);
  expect(await root.locator(".range").innerText()).toMatch(/^single parameters/);
  const tiles = await page.evaluate(() =>
    window.standIn.calls.filter(({ method }) => method === "tile").map(({ params }) => params),
  );
  expect(tiles).toContainEqual(expect.objectContaining({ level: 0 }));
  expect(tiles.length).toBe(new Set(tiles.map((tile) => JSON.stringify(tile))).size);
  expect(problems).toEqual([]);
  await close();
});

test("colours follow the theme without a reload", async () => {
  const { page, root, close } = await openInspector({ fixture: "known" });
  await whenExact(root);
  await chooseTensor(root, "known.weight");
  await whenDrawn(page);
  const mask = map(root, "Trim mask of math");
  const [point] = await cellPoints(mask, 8, 8);
  const [before] = await canvasPixels(mask, [point!]);
  await page.evaluate(() => (document.body.className = "vscode-light"));
  await whenDrawn(page);
  const [after] = await canvasPixels(mask, [point!]);
  expect(after).not.toEqual(before);
  expect(near(after!, (await themeColors(page)).positive)).toBe(true);
  await close();
});

test("pictures at rest are not drawn again", async () => {
  const { page, root, close } = await openInspector({ fixture: "known" });
  await whenExact(root);
  await chooseTensor(root, "known.weight");
  await whenDrawn(page);
  const drawn = await page.evaluate(async () => {
    let calls = 0;
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...where) {
      calls++;
      clearRect.apply(this, where);
    };
    for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
    return calls;
  });
  expect(drawn).toBe(0);
  await close();
});
