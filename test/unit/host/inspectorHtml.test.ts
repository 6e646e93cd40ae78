import { expect, it } from "vitest";
import { inspectorHtml } from "../../../src/host/inspector/inspectorHtml";

const html = inspectorHtml({
  nonce: "NONCE",
  cspSource: "https://webview.example",
  scriptUri: "https://webview.example/main.js?a=1&b=2",
  styleUri: "https://webview.example/style.css",
  panelId: "0a1b",
  language: "ja",
  title: 'a "<script>" b',
});

it("allows nothing but its own script, styles, images and fonts", () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  expect(policy?.split("; ")).toEqual([
    "default-src 'none'",
    "img-src https://webview.example data:",
    "style-src https://webview.example 'nonce-NONCE'",
    "font-src https://webview.example",
    "script-src 'nonce-NONCE'",
  ]);
  expect(policy).not.toMatch(/unsafe|\*/);
});

it("has one script, with the nonce, and no inline code", () => {
  expect(html.match(/<script[^>]*>/g)).toEqual([
    '<script nonce="NONCE" src="https://webview.example/main.js?a=1&amp;b=2">',
  ]);
  expect(html).not.toMatch(/\son\w+=|<style|style="/);
});

it("names the panel and the language, and escapes what it is given", () => {
  expect(html).toContain('<body data-panel="0a1b">');
  expect(html).toContain('<html lang="ja">');
  expect(html).toContain("<title>a &quot;&lt;script&gt;&quot; b</title>");
});
