import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { createMergeSet } from "../../../src/engine/plan/createMergeSet";
import { InspectorSession } from "../../../src/host/inspector/inspectorSession";
import { writeHugeSet, HUGE_TENSOR } from "./hugeTensor";
import { serveInspector } from "./server";
async function main() {
  const folder = mkdtempSync("/tmp/tiles/page-");
  const files = writeHugeSet("/tmp/tiles/sets/huge 150000 4096", [150000, 4096], 4);
  const set = createMergeSet({ method: "ties", compat: "reference", base: files.base, models: files.models.map((path) => ({ path, weight: 1 })) });
  const t0 = performance.now();
  const log = (...a: unknown[]) => console.log(((performance.now() - t0) / 1000).toFixed(3), ...a);
  const own = InspectorSession.prototype.tile;
  InspectorSession.prototype.tile = async function (request, context) {
    const name = `${request.level}/${request.row}/${request.column}${(request as { mayEstimate?: boolean }).mayEstimate ? "~" : ""}`;
    log("ask", name);
    context.signal.addEventListener("abort", () => log("abort", name));
    try { const tile = await own.call(this, request, context); log("done", name, tile.estimated ? "est" : ""); return tile; } catch (e) { log("fail", name, String(e)); throw e; }
  };
  const ownS = InspectorSession.prototype.statistics;
  InspectorSession.prototype.statistics = async function (context) { log("statistics"); const r = await ownS.call(this, context); log("exact"); return r; };
  mkdirSync(join(folder, "page"));
  const server = await serveInspector(set, join(folder, "page"));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(server.url);
  const root = page.locator("ties-inspector");
  await root.getByRole("tab", { name: "Tensors" }).click();
  await root.getByRole("textbox", { name: "Filter by name" }).fill(HUGE_TENSOR);
  await root.locator(`[role=row][data-tensor="${HUGE_TENSOR}"]`).click();
  log("clicked");
  const summarize = (p: any) => { const self = new Map<string, number>(); const byId = new Map(p.nodes.map((n: any) => [n.id, n])); p.samples!.forEach((id: number, i: number) => { const n: any = byId.get(id); const k = n.callFrame.functionName + ":" + n.callFrame.lineNumber + ":" + n.callFrame.columnNumber; self.set(k, (self.get(k) ?? 0) + p.timeDeltas![i]!); }); for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 24)) console.log((v / 1000).toFixed(1).padStart(8), k); };
  const traced = async (work: () => Promise<unknown>) => {
    await browser.startTracing(page, { categories: ["devtools.timeline", "disabled-by-default-devtools.timeline", "blink", "cc", "viz", "v8"] });
    await work();
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
    const names = new Map<string, string>();
    for (const e of traceEvents) if (e.name === "thread_name") names.set(e.pid + ":" + e.tid, e.args.name);
    // self time by thread and name
    const by = new Map<string, any[]>();
    for (const e of traceEvents) if (e.ph === "X") { const k = e.pid + ":" + e.tid; if (!by.has(k)) by.set(k, []); by.get(k)!.push(e); }
    for (const [k, list] of by) {
      list.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
      const self = new Map<string, [number, number]>(); const stack: any[] = [];
      for (const e of list) { while (stack.length && stack[stack.length - 1].ts + stack[stack.length - 1].dur <= e.ts) stack.pop(); const own = self.get(e.name) ?? [0, 0]; own[0] += e.dur ?? 0; own[1]++; self.set(e.name, own); const parent = stack[stack.length - 1]; if (parent) { const po = self.get(parent.name)!; po[0] -= e.dur ?? 0; } stack.push(e); }
      const rows = [...self].sort((a, b) => b[1][0] - a[1][0]); const total = rows.reduce((x, r) => x + r[1][0], 0);
      if (total < 200000) continue;
      console.log("==", names.get(k), (total / 1000).toFixed(0), "ms");
      for (const [n, [d, c]] of rows.slice(0, 16)) console.log((d / 1000).toFixed(0).padStart(7), String(c).padStart(6), n);
    }
  };
  if (process.argv[2] === "firsttrace") { await page.waitForTimeout(1500); await traced(() => page.waitForTimeout(4000)); await browser.close(); await server.close(); process.exit(0); }
  if (process.argv[2] === "first") {
    const devTools = await page.context().newCDPSession(page);
    await devTools.send("Profiler.enable"); await devTools.send("Profiler.setSamplingInterval", { interval: 500 }); await devTools.send("Profiler.start");
    await page.waitForTimeout(8000);
    summarize((await devTools.send("Profiler.stop")).profile);
    await browser.close(); await server.close(); process.exit(0);
  }
  await page.waitForFunction("bench.times.firstTile !== null", null, { timeout: 600_000 });
  log("first tile");
  await root.locator("ties-tensor-view vscode-progress-ring").waitFor({ state: "detached", timeout: 600_000 });
  log("ring gone");
  if (process.argv[2] === "move") {
    await root.getByRole("application", { name: "Elected signs" }).scrollIntoViewIfNeeded();
    const devTools = await page.context().newCDPSession(page);
    const profile = process.argv[3] === "profile";
    if (profile) { await devTools.send("Profiler.enable"); await devTools.send("Profiler.setSamplingInterval", { interval: 500 }); await devTools.send("Profiler.start"); }
    log("move");
    let moved: any; const go = async () => { moved = await page.evaluate<any>("bench.move(240)"); };
    if (process.argv[3] === "trace") await traced(go); else await go();
    log("moved");
    if (profile) {
      const { profile: p } = await devTools.send("Profiler.stop");
      const self = new Map<string, number>(); const byId = new Map(p.nodes.map((n: any) => [n.id, n]));
      p.samples!.forEach((id: number, i: number) => { const n: any = byId.get(id); const k = n.callFrame.functionName + ":" + n.callFrame.lineNumber + ":" + n.callFrame.columnNumber; self.set(k, (self.get(k) ?? 0) + p.timeDeltas![i]!); });
      for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 30)) console.log((v / 1000).toFixed(1).padStart(8), k);
    }
    const f = moved.frames as number[]; console.log("fps", (1000 / (f.reduce((a, b) => a + b, 0) / f.length)).toFixed(1), "late", f.filter((t) => t > 25).length);
    const ms = moved.tiles.map((t: any) => t.milliseconds).sort((a: number, b: number) => a - b); console.log("tiles", ms.length, "median", ms[ms.length >> 1]?.toFixed(0), "p95", ms[Math.floor(ms.length * 0.95)]?.toFixed(0));
  }
  await browser.close(); await server.close();
}
void main();
