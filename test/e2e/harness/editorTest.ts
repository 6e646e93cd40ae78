/** `test` with a workspace and a window of the editor on it. Whatever it does, nothing may leave the machine. */
import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { Editor } from "./editor";
import { createWorkspace } from "./workspace";
import type { Workspace } from "./workspace";

interface Fixtures {
  workspace: Workspace;
  editor: Editor;
}

export const editorTest = test.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are needed from this pattern
  workspace: async ({}, use) => {
    const workspace = createWorkspace();
    await use(workspace);
    workspace.remove();
  },
  editor: async ({ workspace, task }, use) => {
    const editor = await Editor.open(workspace.folder);
    await use(editor);
    if (task.result?.state === "fail") await tell(editor, task.name);
    await editor.close();
    expect([...editor.foreignHosts], "hosts that the browser asked").toEqual([]);
    expect(foreignConnections(), "hosts that the editor's server and the extension connected to").toEqual([]);
  },
});

/** What a person needs to understand a failure: in the log, and as a picture. */
async function tell(editor: Editor, name: string): Promise<void> {
  console.error(await editor.whatIsShown().catch(String));
  await editor.screenshot(`failed ${name}`).catch(console.error);
}

interface ConnectionRecord {
  pid: number;
  /** A process or thread with the recorder in it: its command line. */
  started?: string;
  /** Where a socket was opened to. */
  host?: string;
}

export const connectionRecords = (): ConnectionRecord[] =>
  readFileSync(inject("connections"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ConnectionRecord);

const foreignConnections = (): string[] =>
  connectionRecords().flatMap(({ host }) => (host === undefined || isLoopback(host) ? [] : [host]));

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1|::ffff:127\..*)$/.test(host);
