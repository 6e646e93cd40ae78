/** Pickles that nobody means well with: a clear error each, soon, without memory for what they only claim. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTorchCheckpoint } from "../../../src/engine/format/pytorch/torchCheckpoint";
import { MergeError } from "../../../src/protocol/errors";
import type { ErrorCode } from "../../../src/protocol/errorText";
import { expectCode } from "../../fixtures/expectCode";
import { MemorySource } from "../../fixtures/memorySource";
import { legacyStart, op, pickle, tensorPickle, torchZip } from "../../fixtures/writeTorch";

const repeat = (count: number, ...bytes: number[]): Uint8Array =>
  Buffer.alloc(count * bytes.length, Uint8Array.from(bytes));
/** Not through `pickle`, which copies number by number. */
const large = (...parts: (Uint8Array | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));

const parse = (data: Uint8Array, storages?: Record<string, Uint8Array>) =>
  parseTorchCheckpoint(new MemorySource(torchZip(data, storages)));

const EIGHT = { "0": new Uint8Array(32) };
const vector = (options: Partial<Parameters<typeof tensorPickle>[0]>): Uint8Array =>
  pickle(op.dict(op.text("w"), tensorPickle({ elements: 8, shape: [8], strides: [1], ...options })));

describe("a hostile pickle", () => {
  it("reads what the writer of these tests writes when it means well", () => {
    expect(parse(vector({ offset: 2, shape: [6] }), EIGHT)).toMatchObject([{ name: "w", dtype: "F32", shape: [6] }]);
  });

  it("is not what holds much that is skipped", () => {
    // 300 MB of bytes in pieces that no window holds.
    const piece = Buffer.concat([Uint8Array.of(0x42, 0x40, 0x0d, 3, 0), Buffer.alloc(200_000), Uint8Array.of(0x30)]);
    const file = torchZip(large([0x80, 2], ...Array<Uint8Array>(1500).fill(piece), vector({}).subarray(2)), EIGHT);
    const source = new MemorySource(file);
    expect(parseTorchCheckpoint(source)).toHaveLength(1);
    expect(source.bytesRead).toBeLessThan(file.length / 2);
  });

  const MEGA = 1_000_000;
  const cases: [string, ErrorCode, () => Uint8Array][] = [
    [
      "lists in lists, a million deep",
      "pytorch-no-state-dict",
      () => large(repeat(MEGA, 0x5d), repeat(MEGA - 1, 0x61), [0x2e]),
    ],
    ["tuples in tuples, a million deep", "pytorch-no-state-dict", () => large([0x29], repeat(MEGA, 0x85), [0x2e])],
    ["a list that holds itself", "pytorch-no-state-dict", () => pickle([0x5d, 0x71, 0, 0x68, 0, 0x61])],
    [
      "a dict that is its own state_dict",
      "pytorch-no-state-dict",
      () => pickle([0x7d, 0x71, 0], op.text("state_dict"), [0x68, 0, 0x73]),
    ],
    [
      "lists that double a hundred times",
      "pytorch-no-state-dict",
      () => pickle([0x5d], ...Array.from({ length: 100 }, () => [0x71, 0, 0x30, 0x5d, 0x28, 0x68, 0, 0x68, 0, 0x65])),
    ],
    ["ten million dicts", "pytorch-pickle-limit", () => large(repeat(10 * MEGA, 0x7d), [0x2e])],
    ["twenty million marks", "pytorch-pickle-limit", () => large(repeat(20 * MEGA, 0x28), [0x2e])],
    ["a memo of twenty million", "pytorch-pickle-limit", () => large([0x4e], repeat(20 * MEGA, 0x94), [0x2e])],
    [
      "dicts made again and again of one large list",
      "pytorch-pickle-limit",
      () =>
        large(
          op.global("collections", "OrderedDict"),
          [0x71, 0, 0x30, 0x5d, 0x28],
          repeat(MEGA / 5, 0x29, 0x29, 0x86),
          [0x65, 0x71, 1, 0x30],
          repeat(100, 0x68, 0, 0x68, 1, 0x85, 0x52, 0x30),
          [0x4e, 0x2e],
        ),
    ],
    ["a text of 2⁶² bytes", "pytorch-damaged", () => pickle([0x8d, 0, 0, 0, 0, 0, 0, 0, 0x40])],
    ["a text of 4 GB", "pytorch-damaged", () => pickle([0x58, 0xff, 0xff, 0xff, 0xff])],
    ["bytes of 2⁴⁸", "pytorch-damaged", () => pickle([0x8e, 0, 0, 0, 0, 0, 0, 1, 0])],
    ["a number of 4 GB", "pytorch-damaged", () => pickle([0x8b, 0xff, 0xff, 0xff, 0xff])],
    ["a name without end", "pytorch-damaged", () => large([0x63], repeat(MEGA, 0x61), [0x2e])],
    ["no end", "pytorch-damaged", () => Uint8Array.of(0x80, 2, 0x7d)],
    ["nothing on the stack", "pytorch-damaged", () => pickle()],
    ["a value from below a mark", "pytorch-damaged", () => pickle([0x4e, 0x28, 0x61])],
    ["a mark that is not there", "pytorch-damaged", () => pickle([0x74])],
    ["a memo entry that is not there", "pytorch-damaged", () => pickle([0x68, 7])],
    ["an unknown operation", "pytorch-damaged", () => pickle([0x69])],
    ["a call of a text", "pytorch-damaged", () => pickle(op.call(op.text("os.system")))],
    ["a text that is not UTF-8", "pytorch-damaged", () => pickle([0x58, 1, 0, 0, 0, 0xff])],
    ["a storage of 2⁶⁰ elements", "pytorch-damaged", () => vector({ elements: 2 ** 60 })],
    ["fewer data than the storage says", "pytorch-damaged", () => vector({ elements: 9 })],
    ["a tensor beyond its storage", "pytorch-damaged", () => vector({ offset: 1 })],
    ["a stride beyond its storage", "pytorch-damaged", () => vector({ shape: [2, 2], strides: [7, 1] })],
    ["a stride of 2⁵³ − 1", "pytorch-damaged", () => vector({ shape: [2], strides: [Number.MAX_SAFE_INTEGER] })],
    ["a negative size", "pytorch-damaged", () => vector({ shape: [-1] })],
    ["a negative offset", "pytorch-damaged", () => vector({ offset: -1 })],
    [
      "more elements than can be counted",
      "pytorch-damaged",
      () => vector({ shape: [2 ** 40, 2 ** 40], strides: [0, 0] }),
    ],
    [
      "65 dimensions",
      "pytorch-damaged",
      () => vector({ shape: Array<number>(65).fill(1), strides: Array<number>(65).fill(1) }),
    ],
    ["a key that is no entry", "pytorch-damaged", () => vector({ key: "../../x" })],
    ["eval", "pytorch-forbidden-global", () => pickle(op.call(op.global("builtins", "eval"), op.text("1")))],
    ["a constructor of JavaScript", "pytorch-forbidden-global", () => pickle(op.global("torch", "constructor"))],
    ["a prototype of JavaScript", "pytorch-forbidden-global", () => pickle(op.global("__proto__", "toString"))],
    [
      "a maker of tensors that makes itself",
      "pytorch-damaged",
      () => {
        const maker = op.global("torch._tensor", "_rebuild_from_type_v2");
        return pickle(op.call(maker, maker, op.none, op.tuple(maker, op.none, op.tuple(), op.none), op.none));
      },
    ],
  ];
  it.each(cases)("%s: %s", (_, code, data) => {
    const file = new MemorySource(torchZip(data(), EIGHT));
    const started = performance.now();
    expectCode(code, () => parseTorchCheckpoint(file));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("is not printed as it stands", () => {
    const { global } = expectCode("pytorch-forbidden-global", () =>
      parse(pickle(op.global("os\u001b[2J", "x"))),
    ).details;
    expect(global).toBe("os\\u001b[2J.x");
  });
});

describe("a hostile file", () => {
  it("of a big-endian machine is refused, in both formats", () => {
    const order = [{ name: "model/byteorder", content: new TextEncoder().encode("big") }];
    expectCode("pytorch-big-endian", () => parseTorchCheckpoint(new MemorySource(torchZip(vector({}), EIGHT, order))));
    const legacy = large(legacyStart(false), vector({}), pickle([0x5d]));
    expectCode("pytorch-big-endian", () => parseTorchCheckpoint(new MemorySource(legacy)));
  });

  it("with a compressed entry is refused, naming it", () => {
    const file = torchZip(vector({ key: "1" }), {}, [{ name: "model/data/1", content: new Uint8Array(32), method: 8 }]);
    const { entry } = expectCode("pytorch-compressed", () => parseTorchCheckpoint(new MemorySource(file))).details;
    expect(entry).toBe("model/data/1");
  });

  it("of the tar format is refused by name", () => {
    const tar = new Uint8Array(1024);
    tar.set(new TextEncoder().encode("ustar"), 257);
    expectCode("pytorch-tar", () => parseTorchCheckpoint(new MemorySource(tar)));
  });

  it("that is another pickle, a pointer or a web page is said to be that", () => {
    const text = (content: string): MemorySource => new MemorySource(new TextEncoder().encode(content));
    expectCode("pytorch-unknown", () => parseTorchCheckpoint(new MemorySource(pickle(op.int(1)))));
    expectCode("header-git-lfs", () => parseTorchCheckpoint(text("version https://git-lfs.github.com/spec/v1\n")));
    expectCode("header-web-page", () => parseTorchCheckpoint(text("<!DOCTYPE html>")));
    expectCode("header-other-format", () => parseTorchCheckpoint(text("GGUF....")));
  });

  it("of the legacy format cannot say that its storages lie elsewhere", () => {
    const start = large(legacyStart(), vector({}));
    const keys = (...list: number[][]): Uint8Array => pickle([0x5d, 0x28], ...list, [0x65]);
    const count = (elements: number): number[] => [elements, 0, 0, 0, 0, 0, 0, 0];
    const whole = large(start, keys(op.text("0")), count(8), new Uint8Array(32));
    expect(parseTorchCheckpoint(new MemorySource(whole))).toMatchObject([{ name: "w", end: whole.length }]);
    for (const rest of [
      large(keys(op.text("0")), count(8), new Uint8Array(31)),
      large(keys(op.text("0")), count(7), new Uint8Array(32)),
      large(keys(op.text("1")), count(8), new Uint8Array(32)),
      large(keys(op.text("0"), op.text("0")), count(8), new Uint8Array(32), count(8), new Uint8Array(32)),
      keys(),
    ]) {
      expectCode("pytorch-damaged", () => parseTorchCheckpoint(new MemorySource(large(start, rest))));
    }
  });
});

it("a checkpoint with any bytes changed is read or refused, and nothing lies outside of the file", () => {
  const files = ["views.pt", "views-legacy.pt", "dtypes.pt", "lightning-protocol2.ckpt", "lightning-protocol5.ckpt"];
  const wholes = files.map((file) => readFileSync(`test/fixtures/torch/${file}`));
  const change = fc.tuple(fc.nat(2 ** 20), fc.nat(255));
  fc.assert(
    fc.property(fc.nat(files.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), (file, changes) => {
      const bytes = Uint8Array.from(wholes[file]);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        for (const { begin, end, view, shape } of parseTorchCheckpoint(new MemorySource(bytes))) {
          const span = view ? shape.reduce((sum, size, i) => sum + Math.max(0, size - 1) * view.strides[i], 1) : 0;
          const last = view ? view.begin + span * view.elementBytes : end;
          expect(begin).toBeGreaterThanOrEqual(0);
          expect(last).toBeLessThanOrEqual(bytes.length);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(MergeError);
      }
    }),
    { numRuns: 1500 },
  );
});
