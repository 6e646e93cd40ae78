/** The inspector in Chromium on the real engine: the host's channel over local HTTP in place of the editor's own. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { EngineKeeper } from "../../../src/host/engineKeeper";
import { InspectorChannel } from "../../../src/host/inspector/inspectorChannel";
import { InspectorSession } from "../../../src/host/inspector/inspectorSession";
import type { MergeSet } from "../../../src/protocol/mergeSet";
import { startEngineWorker } from "../../../src/worker/engineClient";
import { encodeMessage } from "./wire";

export interface InspectorServer {
  url: string;
  /** Reads the headers, as the command does while the page is loaded. */
  open(): void;
  /** Takes a message of the page, in JSON. */
  receive(message: string): void;
  close(): Promise<void>;
}

export async function serveInspector(set: MergeSet, folder: string): Promise<InspectorServer> {
  const root = join(import.meta.dirname, "../../..");
  await build({
    bundle: true,
    minify: true,
    platform: "browser",
    target: "es2022",
    format: "iife",
    outdir: folder,
    entryPoints: {
      main: join(root, "webview/main.ts"),
      style: join(root, "webview/style.css"),
      page: join(root, "test/webview/standIn/benchPage.ts"),
      theme: join(root, "test/webview/themes/dark.css"),
    },
    tsconfig: join(root, "webview/tsconfig.json"),
  });
  const keeper = new EngineKeeper(() => startEngineWorker());
  const session = new InspectorSession(set, keeper);
  let page: ServerResponse | null = null;
  const early: Buffer[] = [];
  const nothing = (): Promise<void> => Promise.resolve();
  const channel = new InspectorChannel({
    api: {
      open: (_, { progress }) => session.open(progress),
      sample: (settings, context) => session.sample(settings, context),
      curves: (request, context) => session.curves(request, context),
      use: (settings) => session.use(settings),
      statistics: (_, context) => session.statistics(context),
      tile: (request, context) => session.tile(request, context),
      parameters: (request, context) => session.parameters(request, context),
      magnitudes: (request, context) => session.magnitudes(request, context),
      merge: nothing,
      exportReport: nothing,
      savePicture: nothing,
      showLog: nothing,
      changedFiles: () => session.changedFiles(),
      reload: () => session.reload(),
    },
    post: (sent) => {
      const bytes = encodeMessage(sent);
      const length = new Uint8Array(8);
      new DataView(length.buffer).setUint32(0, bytes.length, true);
      const message = Buffer.concat([length, bytes]);
      if (page) page.write(message);
      else early.push(message);
    },
    welcome: () => Promise.resolve({ language: "en", strings: {} }),
    onProblem: (problem) => process.stderr.write(`${problem.message}\n`),
  });
  const server = createServer((request, response) => {
    const name = request.url ?? "/";
    if (name === "/receive") {
      page = response.writeHead(200, { "content-type": "application/octet-stream" });
      page.flushHeaders();
      for (const message of early.splice(0)) page.write(message);
    } else if (name === "/send") {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        response.end();
        channel.receive(JSON.parse(Buffer.concat(parts).toString()));
      });
    } else if (name === "/") {
      response.setHeader("content-type", "text/html");
      response.end(PAGE);
    } else if (!existsSync(join(folder, name.slice(1)))) {
      response.writeHead(404).end();
    } else {
      response.setHeader("content-type", name.endsWith(".css") ? "text/css" : "text/javascript");
      response.end(readFileSync(join(folder, name.slice(1))));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    open: () => void session.open(),
    receive: (message) => channel.receive(JSON.parse(message)),
    close: async () => {
      channel.close();
      session.dispose();
      page?.end();
      await new Promise((resolve) => server.close(resolve));
      keeper.dispose();
    },
  };
}

const PAGE = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Inspector</title>
<link rel="stylesheet" href="theme.css"><link rel="stylesheet" href="style.css"></head>
<body class="vscode-dark" data-vscode-theme-kind="vscode-dark"><ties-inspector></ties-inspector>
<script src="page.js"></script><script src="main.js"></script></body></html>`;
