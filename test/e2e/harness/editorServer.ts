/** Before all tests: a VS Code server with the packed extension in it, with a home and settings of its own. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { until } from "./until";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the editor answers. */
    origin: string;
    /** The extension as it was installed. */
    extension: string;
    /** The lines of recordConnections.cjs. */
    connections: string;
  }
}

const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.reduceMotion": "on",
  "workbench.colorTheme": "Default Dark Modern",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.commandCenter.enabled": false,
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "window.menuStyle": "custom",
};

export default async function startEditorServer(project: TestProject): Promise<() => Promise<void>> {
  const installed = required("TIES_MERGE_E2E_DIR");
  const vsix = resolve(required("TIES_MERGE_VSIX"));
  const program = join(installed, "editor/node_modules/code-server/out/node/entry.js");
  const scratch = mkdtempSync(join(tmpdir(), "ties-merge-editor-"));
  for (const folder of ["home", "user/User", "extensions"]) mkdirSync(join(scratch, folder), { recursive: true });
  writeFileSync(join(scratch, "user/User/settings.json"), JSON.stringify(SETTINGS));
  writeFileSync(join(scratch, "config.yaml"), "auth: none\n");

  const folders = ["--config", "config.yaml", "--user-data-dir", "user", "--extensions-dir", "extensions"];
  const options = { cwd: scratch, env: privateEnvironment(scratch) };
  execFileSync(process.execPath, [program, ...folders, "--install-extension", vsix], { ...options, stdio: "pipe" });

  const port = await freePort();
  const log = openSync(join(scratch, "server.log"), "w");
  const quiet = [
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
  ];
  const server = spawn(
    process.execPath,
    [program, ...folders, ...quiet, "--disable-workspace-trust", "--bind-addr", `127.0.0.1:${port}`],
    // A process group of its own: what the server leaves behind, such as an extension host that was just starting, ends too.
    { ...options, stdio: ["ignore", log, log], detached: true },
  );
  const origin = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    fetch(`${origin}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until("the editor's server to answer", answers);

  project.provide("origin", origin);
  project.provide("extension", join(scratch, "extensions", extensionFolder(join(scratch, "extensions"))));
  project.provide("connections", join(scratch, "connections.jsonl"));

  return async () => {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill("SIGTERM");
    const late = setTimeout(() => server.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(late);
    endGroup(server.pid);
    if (!process.env.TIES_MERGE_E2E_KEEP) rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Nothing of the person's own editor, and no marketplace. */
function privateEnvironment(scratch: string): NodeJS.ProcessEnv {
  const home = join(scratch, "home");
  const outer = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|VITEST|NODE_ENV$|ELECTRON_)/.test(name));
  return {
    ...Object.fromEntries(outer),
    HOME: home,
    XDG_DATA_HOME: join(home, ".local/share"),
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_CACHE_HOME: join(home, ".cache"),
    EXTENSIONS_GALLERY: "{}",
    NODE_OPTIONS: `--require ${resolve("test/e2e/harness/recordConnections.cjs")}`,
    TIES_MERGE_E2E_CONNECTIONS: join(scratch, "connections.jsonl"),
  };
}

function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start these tests with test/e2e/run`);
  return value;
}

function extensionFolder(extensions: string): string {
  const found = readdirSync(extensions).find((name) => name.startsWith("ties-merge."));
  if (!found) throw new Error("the packed extension was not installed");
  return found;
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => found(typeof address === "object" && address ? address.port : 0));
    });
  });
}
