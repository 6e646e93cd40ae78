import { expect, it, vi } from "vitest";
import { InspectorChannel } from "../../../src/host/inspector/inspectorChannel";
import { INSPECTOR_PROTOCOL_VERSION, type HostMessage, type InspectorApi } from "../../../src/protocol/inspector";

function channel(api: Partial<Record<keyof InspectorApi, unknown>> = {}) {
  const posted: HostMessage[] = [];
  const onProblem = vi.fn();
  const made = new InspectorChannel({
    api: { showLog: async () => undefined, ...api } as unknown as InspectorApi,
    post: (message) => posted.push(message),
    welcome: async () => ({ language: "ja", strings: { Layers: "層" } }),
    onProblem,
  });
  return { posted, onProblem, channel: made };
}

const hello = { kind: "hello", version: INSPECTOR_PROTOCOL_VERSION };
const call = (method: string, params: unknown, id = 1) => ({ kind: "call", id, method, params });
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

it("answers hello with its version and the translations", async () => {
  const { posted, channel: wire } = channel();
  wire.receive(hello);
  await settle();
  expect(posted).toEqual([
    { kind: "welcome", version: INSPECTOR_PROTOCOL_VERSION, language: "ja", strings: { Layers: "層" } },
  ]);
});

it("tells a page of another version its own, and takes no calls from it", async () => {
  const showLog = vi.fn();
  const { posted, onProblem, channel: wire } = channel({ showLog });
  wire.receive({ kind: "hello", version: INSPECTOR_PROTOCOL_VERSION + 1 });
  wire.receive(call("showLog", null));
  await settle();
  expect(posted).toMatchObject([{ kind: "welcome", version: INSPECTOR_PROTOCOL_VERSION }]);
  expect(showLog).not.toHaveBeenCalled();
  expect(onProblem).toHaveBeenCalledTimes(2);
});

it.each([
  ["no message", "hello"],
  ["an unknown kind", { kind: "eval", id: 1 }],
  ["a call before hello", call("showLog", null)],
])("refuses %s", async (_, message) => {
  const { posted, onProblem, channel: wire } = channel();
  wire.receive(message);
  await settle();
  expect(posted).toEqual([]);
  expect(onProblem.mock.calls[0]?.[0]).toMatchObject({ code: "bad-message" });
});

it.each([
  ["an unknown method", call("writeFile", null)],
  ["a method of Object", call("hasOwnProperty", null)],
  ["wrong parameters", call("tile", { tensor: 1 })],
  ["parameters where there are none", call("showLog", { path: "/etc" })],
])("answers %s with an error", async (_, message) => {
  const { posted, channel: wire } = channel({ tile: vi.fn() });
  wire.receive(hello);
  wire.receive(message);
  await settle();
  expect(posted.filter(({ kind }) => kind === "error")).toMatchObject([{ id: 1, error: { code: "bad-message" } }]);
});

it("cancels the calls of a hidden page, and gives none of their answers to the next", async () => {
  const signals: AbortSignal[] = [];
  const open = vi.fn((_: null, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve("late")));
  });
  const { posted, channel: wire } = channel({ open });
  wire.receive(hello);
  wire.receive(call("open", null));
  wire.close();
  wire.receive(hello);
  wire.receive(call("open", null));
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect(posted.filter(({ kind }) => kind === "result")).toEqual([]);
});
