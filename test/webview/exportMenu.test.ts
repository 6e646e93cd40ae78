/** Every picture can be saved as SVG and as PNG, and stands for itself. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { PictureFile } from "../../src/protocol/inspector";
import { pictureContent } from "../../src/host/inspector/pictureContent";
import { chooseTensor, openInspector, shoot, whenDrawn, whenExact } from "./inspectorPage";

type Saved = Omit<PictureFile, "content"> & { text: string; bytes: number[] };

/** What the page has asked the host to save last. */
const lastSaved = (page: Page): Promise<Saved> =>
  page.evaluate(() => {
    const { name, format, content } = window.standIn.calls.filter(({ method }) => method === "savePicture").at(-1)!
      .params as PictureFile;
    const isText = typeof content === "string";
    return { name, format, text: isText ? content : "", bytes: isText ? [] : [...content] };
  });

const saves = (page: Page): Promise<number> =>
  page.evaluate(() => window.standIn.calls.filter(({ method }) => method === "savePicture").length);

async function save(page: Page, item: string): Promise<Saved> {
  const before = await saves(page);
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await expect.poll(() => saves(page)).toBe(before + 1);
  return lastSaved(page);
}

const asFile = ({ name, format, text, bytes }: Saved): PictureFile => ({
  name,
  format,
  content: format === "svg" ? text : Uint8Array.from(bytes),
});

/** Draws a picture on a page of its own, as any program would, and gives what it says and how large it is. */
async function look(page: Page, svg: string): Promise<{ texts: string[]; width: number; errors: number }> {
  return page.evaluate((markup) => {
    const parsed = new DOMParser().parseFromString(markup, "image/svg+xml");
    return {
      texts: [...parsed.querySelectorAll("text")].map(({ textContent }) => textContent),
      width: Number(parsed.documentElement.getAttribute("width")),
      errors: parsed.querySelectorAll("parsererror").length,
    };
  }, svg);
}

for (const theme of ["dark", "light"] as const) {
  test(`pictures of the whole model in ${theme}`, async () => {
    const { page, root, problems, close } = await openInspector({ fixture: "network" }, { theme });
    await whenExact(root);
    const shown = await root.getByRole("gridcell", { name: /layer 3 · up/ }).getAttribute("aria-label");
    const map = await save(page, "Model map as SVG…");
    expect(() => pictureContent(asFile(map))).not.toThrow();
    const { texts, errors } = await look(page, map.text);
    expect(errors).toBe(0);
    expect(texts).toContain("layer 3");
    expect(texts).toContain("up");
    expect(texts.join(" ")).toContain("math (d = 0.2)");
    expect(texts).toContain(/([\d.]+) %$/.exec(shown!)![1]!);
    // Its colours are its own.
    expect(map.text).not.toMatch(/var\(|class=|oklab/);

    const pairs = await save(page, "Pairs as SVG…");
    expect((await look(page, pairs.text)).texts).toContain("opposite signs");
    const loss = await save(page, "Who loses the election as SVG…");
    expect((await look(page, loss.text)).texts).toContain("code");
    for (const picture of [pairs, loss]) expect(() => pictureContent(asFile(picture))).not.toThrow();

    const png = await save(page, "Model map as PNG…");
    expect(() => pictureContent(asFile(png))).not.toThrow();
    const { width } = await look(page, map.text);
    // The width in the header of the PNG: twice that of the picture.
    expect(new DataView(Uint8Array.from(png.bytes).buffer).getUint32(16)).toBe(2 * width);
    expect(problems).toEqual([]);
    await close();
  });
}

test("pictures of a tensor", async () => {
  const { page, root, problems, close } = await openInspector({ fixture: "network" });
  await whenExact(root);
  await chooseTensor(root, "model.layers.3.mlp.up_proj.weight");
  await whenDrawn(page);
  const svg = await save(page, "Pictures of the tensor as SVG…");
  expect(() => pictureContent(asFile(svg))).not.toThrow();
  expect(svg.text.match(/<image /g)).toHaveLength(6);
  expect((await look(page, svg.text)).texts).toContain("Trim mask of math");
  const png = await save(page, "Pictures of the tensor as PNG…");
  expect(png.bytes.length).toBeGreaterThan(10_000);
  expect(problems).toEqual([]);
  await close();
});

test("a plot that style sheets colour stands alone", async () => {
  const { page, root, close } = await openInspector({ fixture: "network" });
  await whenExact(root);
  const svg = await page.evaluate(() => {
    const style = new CSSStyleSheet();
    style.replaceSync(
      ".curve { fill: none; stroke: var(--ties-positive); stroke-width: 3px; } .gone { display: none; }",
    );
    document.adoptedStyleSheets.push(style);
    const holder = document.body.appendChild(document.createElement("div"));
    holder.innerHTML = `<svg width="200" height="100"><path class="curve" d="M0 0L9 9"/><text class="gone">x</text></svg>`;
    return window.drawSvg(holder.querySelector("svg")!, {
      name: "curve",
      title: "Kept <share>",
      subtitle: "of ‖τ‖ & more",
    });
  });
  expect(() => pictureContent({ name: "curve", format: "svg", content: svg })).not.toThrow();
  expect(svg).toMatch(/<path[^>]* stroke="#f0a128"/);
  expect(svg).toMatch(/<path[^>]* stroke-width="3px"/);
  expect(svg).toMatch(/<text[^>]* display="none"/);
  expect(svg).not.toMatch(/class=|var\(/);
  expect((await look(page, svg)).texts).toContain("Kept <share>");
  await close();
});

test("the menu is walked by keyboard, and reports wait until they are exact", async () => {
  const { page, root, close } = await openInspector({ fixture: "network", stallAfter: 3 });
  await root.getByRole("button", { name: "Export" }).focus();
  await page.keyboard.press("Enter");
  const html = root.getByRole("menuitem", { name: "Report as one HTML file…" });
  await expect.poll(() => html.evaluate((item) => item.matches(":focus"))).toBe(true);
  expect(await html.getAttribute("aria-disabled")).toBe("true");
  await shoot(page, "export-menu");
  await page.keyboard.press("End");
  await page.keyboard.press("Escape");
  expect(await root.getByRole("menu").count()).toBe(0);
  expect(await root.getByRole("button", { name: "Export" }).evaluate((button) => button.matches(":focus"))).toBe(true);
  await close();
});
