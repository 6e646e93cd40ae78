/** Checkpoints that PyTorch wrote (test/fixtures/torch/checkpoints.py), against the tensors it had in memory. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseTorchCheckpoint } from "../../../src/engine/format/pytorch/torchCheckpoint";
import { StridedSource } from "../../../src/engine/format/stridedSource";
import type { TensorEntry } from "../../../src/engine/format/tensorEntry";
import type { ErrorCode } from "../../../src/protocol/errorText";
import { expectCode } from "../../fixtures/expectCode";
import { MemorySource } from "../../fixtures/memorySource";
import { legacyStart, op, pickle, tensorPickle, torchZip } from "../../fixtures/writeTorch";

const FOLDER = "test/fixtures/torch";
const open = (file: string): MemorySource => new MemorySource(readFileSync(`${FOLDER}/${file}`));
const expected = JSON.parse(readFileSync(`${FOLDER}/expected.json`, "utf8")) as Record<
  string,
  Record<string, { dtype: string; shape: number[]; bytes: string }>
>;

function contentOf(source: MemorySource, { dtype, shape, begin, end, view }: TensorEntry) {
  const bytes = new Uint8Array(end - begin);
  (view ? new StridedSource(source, view) : source).read(begin, bytes);
  return { dtype, shape, bytes: Buffer.from(bytes).toString("base64") };
}

describe("parseTorchCheckpoint", () => {
  it.each(Object.keys(expected))("reads %s", (file) => {
    const source = open(file);
    const entries = parseTorchCheckpoint(source);
    const found = Object.fromEntries(entries.map((entry) => [entry.name, contentOf(source, entry)]));
    expect(found).toEqual(expected[file]);
  });

  it("keeps contiguous views ranges of the file, one storage for all that share it", () => {
    const entries = new Map(parseTorchCheckpoint(open("views.pt")).map((entry) => [entry.name, entry]));
    const { begin } = entries.get("whole")!;
    expect(entries.get("again")).toMatchObject({ begin, end: begin + 96 });
    expect(entries.get("rows")).toMatchObject({ begin: begin + 24, end: begin + 72 });
    expect(entries.get("columns")).toMatchObject({ begin: 0, end: 48, view: { begin: begin + 8, strides: [6, 1] } });
    expect([...entries.values()].filter(({ view }) => view === undefined).map(({ name }) => name)).toEqual([
      "whole",
      "again",
      "rows",
    ]);
  });

  it("leaves the prefix of a wrapper to a shard, whose index has it too", () => {
    const [first] = parseTorchCheckpoint(open("trainer.pt"), "as-they-are");
    expect(first.name).toBe("module.0.weight");
  });

  const refused: [string, ErrorCode, Record<string, string>][] = [
    ["quantized.pt", "pytorch-tensor-kind", { kind: "quantized", where: "memory.safetensors: q" }],
    ["sparse.pt", "pytorch-tensor-kind", { kind: "sparse" }],
    ["meta.pt", "pytorch-tensor-kind", { kind: "meta" }],
    ["conjugate.pt", "pytorch-tensor-kind", { kind: "lazy conj" }],
    ["whole-model.pt", "pytorch-forbidden-global", { global: "torch.nn.modules.linear.Linear" }],
    ["attack.pt", "pytorch-forbidden-global", { global: "posix.system" }],
    ["attack-legacy.pt", "pytorch-forbidden-global", { global: "posix.system" }],
    ["script.pt", "pytorch-torchscript", {}],
    ["two-models.pt", "pytorch-several-state-dicts", { entries: "generator, discriminator" }],
    ["no-tensors.pt", "pytorch-no-state-dict", { entries: "epoch, best" }],
  ];
  it.each(refused)("refuses %s: %s", (file, code, details) => {
    expect(expectCode(code, () => parseTorchCheckpoint(open(file))).details).toMatchObject(details);
  });
});

describe("the weights are not read", () => {
  const ELEMENTS = 100_000;
  const keys = ["0", "1", "2", "3", "4"];
  const data = pickle(
    op.dict(
      ...keys.flatMap((key) => [
        op.text(key),
        tensorPickle({ key, elements: ELEMENTS, shape: [ELEMENTS], strides: [1] }),
      ]),
    ),
  );
  const weights = new Uint8Array(4 * ELEMENTS);

  it("of the zip format", () => {
    const source = new MemorySource(torchZip(data, Object.fromEntries(keys.map((key) => [key, weights]))));
    expect(parseTorchCheckpoint(source)).toHaveLength(5);
    // The end of the file is searched for the directory.
    expect(source.bytesRead).toBeLessThan(70_000 + 2 * data.length);
  });

  it("of the legacy format, beyond the window that the pickle is read in", () => {
    const count = new Uint8Array(BigInt64Array.of(BigInt(ELEMENTS)).buffer);
    const list = pickle([0x5d, 0x28], ...keys.map(op.text), [0x65]);
    const storages = keys.flatMap(() => [count, weights]);
    const source = new MemorySource(Buffer.concat([legacyStart(), data, list, ...storages]));
    expect(parseTorchCheckpoint(source)).toHaveLength(5);
    expect(source.bytesRead).toBeLessThan(70_000);
  });
});

describe("a file cut off anywhere", () => {
  it.each(["views.pt", "views-legacy.pt", "lightning-legacy.ckpt"])("is an error: %s", (file) => {
    const whole = readFileSync(`${FOLDER}/${file}`);
    for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 97)) {
      const parse = (): unknown => parseTorchCheckpoint(new MemorySource(whole.subarray(0, length)));
      expect(parse, `${length} bytes`).toThrow(/^pytorch-(?:damaged|unknown)$/);
    }
  });
});
