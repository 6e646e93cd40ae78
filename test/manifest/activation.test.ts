import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { manifest, ROOT } from "./manifest";

it("is activated for its panels by the type that it registers", () => {
  const source = readFileSync(join(ROOT, "src/host/inspector/inspectorPanels.ts"), "utf8");
  const viewType = /INSPECTOR_VIEW_TYPE = "([^"]+)"/.exec(source)?.[1];
  expect(viewType).toMatch(/^tiesMerge\./);
  expect(manifest.activationEvents).toEqual(["onStartupFinished", `onWebviewPanel:${viewType}`]);
});

it("runs where the checkpoints are, and only looks at those of untrusted workspaces", () => {
  expect(manifest.extensionKind).toEqual(["workspace"]);
  expect(manifest.capabilities.untrustedWorkspaces.supported).toBe("limited");
  expect(manifest.capabilities.virtualWorkspaces.supported).toBe(false);
  expect(manifest.main).toBe("./dist/extension.js");
});

it("wires in activate() and does nothing else there", () => {
  const lines = readFileSync(join(ROOT, "src/extension.ts"), "utf8").split("\n");
  expect(lines.length).toBeLessThan(100);
});
