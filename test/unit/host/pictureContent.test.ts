/** The host writes only pictures, whatever a page sends. */
import { expect, it } from "vitest";
import { fileStem, pictureContent } from "../../../src/host/inspector/pictureContent";
import { INSPECTOR_PARAMS, MAX_PICTURE_SIZE } from "../../../src/protocol/inspector";

const svg = (inner: string): string => `<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>\n`;
const save = (content: string | Uint8Array, format: "svg" | "png" = "svg") =>
  pictureContent({ name: "a", format, content });

it("takes drawings and the pictures within them", () => {
  const drawing = svg(
    `<title>on = off &lt;script&gt;</title><g transform="scale(2)"><rect fill="#123456"/><image href="data:image/png;base64,AAA="/><text>href= url( onload= </text></g>`,
  );
  expect(save(drawing)).toEqual([drawing]);
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2);
  expect(save(png, "png")).toBe(png);
});

it.each([
  ["a script", svg("<script>alert(1)</script>")],
  ["a handler", svg(`<rect onload="alert(1)"/>`)],
  ["foreign content", svg("<foreignObject><p>x</p></foreignObject>")],
  ["a picture from elsewhere", svg(`<image href="https://example.org/a.png"/>`)],
  ["an SVG within", svg(`<image href="data:image/svg+xml;base64,AAAA"/>`)],
  ["a link", svg(`<a href="data:image/png;base64,AA"><rect/></a>`)],
  ["a style sheet", svg(`<style>@import "x"</style>`)],
  ["a fill from elsewhere", svg(`<rect fill="url(https://example.org/#a)"/>`)],
  ["an entity", `<!DOCTYPE svg [<!ENTITY a "b">]>${svg("")}`],
  ["an instruction", svg("<?xml-stylesheet href='x'?>")],
  ["a tag left open", svg("<rect")],
  ["text", "hello"],
  ["bytes", Uint8Array.of(60, 115)],
])("refuses %s in an SVG", (_, content) => {
  expect(() => save(content)).toThrow(expect.objectContaining({ code: "picture-invalid" }));
});

it("refuses a PNG that is none", () => {
  expect(() => save(Uint8Array.of(1, 2, 3), "png")).toThrow(expect.objectContaining({ code: "picture-invalid" }));
  expect(() => save(svg(""), "png")).toThrow(expect.objectContaining({ code: "picture-invalid" }));
});

it("proposes names that every file system takes", () => {
  expect(fileStem("model.layers.0/../..\\mlp:up?.weight")).toBe("model.layers.0-..-..-mlp-up-.weight");
  expect(fileStem("../..")).toBe("picture");
  expect(fileStem("地図 q")).toBe("地図-q");
});

it("takes only calls of the right shape and size", () => {
  const fits = (params: unknown): boolean => INSPECTOR_PARAMS.savePicture(params);
  expect(fits({ name: "a", format: "svg", content: "<svg/>" })).toBe(true);
  expect(fits({ name: "a", format: "png", content: new Uint8Array(3) })).toBe(true);
  expect(fits({ name: "a", format: "png", content: "text" })).toBe(false);
  expect(fits({ name: "a", format: "gif", content: new Uint8Array(3) })).toBe(false);
  expect(fits({ name: "a".repeat(300), format: "svg", content: "" })).toBe(false);
  expect(fits({ name: "a", format: "png", content: new Uint8Array(MAX_PICTURE_SIZE + 1) })).toBe(false);
  expect(INSPECTOR_PARAMS.exportReport({ format: "exe" })).toBe(false);
  expect(INSPECTOR_PARAMS.exportReport(null)).toBe(false);
});
