/** PyTorch checkpoints on a disk: folders, shards, and files larger than memory should be. */
import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/io/openCheckpoint";
import { openFileSource } from "../../src/io/fileSource";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";
import { legacyStart, op, pickle, tensorPickle, torchZip, zipPieces } from "../fixtures/writeTorch";

const FIXTURES = "test/fixtures/torch";
const GIB = 2 ** 30;

const oneTensor = (name: string): Uint8Array =>
  torchZip(pickle(op.dict(op.text(name), tensorPickle({ elements: 2, shape: [2], strides: [1] }))), {
    "0": new Uint8Array(8),
  });

function folderWith(files: Record<string, Uint8Array | string>): string {
  const folder = join(temporaryFolder(), "model-x");
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const index = (map: Record<string, string>): string => JSON.stringify({ metadata: {}, weight_map: map });
const [FIRST, SECOND] = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"];

describe("openCheckpoint opens", () => {
  it.each(["bin", "pt", "pth", "ckpt"])("a .%s file", (extension) => {
    const path = join(temporaryFolder(), `tuned.${extension}`);
    copyFileSync(`${FIXTURES}/trainer.pt`, path);
    const checkpoint = openCheckpoint(path);
    expect(checkpoint).toMatchObject({ name: "tuned", format: "pytorch", files: [path] });
    expect(checkpoint.tensors.get("0.weight")).toMatchObject({ file: path, dtype: "F32", shape: [2, 3] });
  });

  it("a folder with pytorch_model.bin, whatever else lies there", () => {
    const folder = folderWith({ "pytorch_model.bin": oneTensor("w"), "training_args.bin": "", "other.pt": "" });
    expect(openCheckpoint(folder)).toMatchObject({ name: "model-x", files: [join(folder, "pytorch_model.bin")] });
    expect(openCheckpoint(join(folder, "pytorch_model.bin")).name).toBe("model-x");
  });

  it("the safetensors of a folder that has both, as transformers does", () => {
    const folder = folderWith({ "pytorch_model.bin": oneTensor("w") });
    writeSafetensors(join(folder, "model.safetensors"), {});
    expect(openCheckpoint(folder).format).toBe("safetensors");
  });

  it("a folder with one other file beside a trainer's state", () => {
    const folder = folderWith({ "consolidated.00.pth": oneTensor("w"), "optimizer.pt": "", "rng_state_0.pth": "" });
    expect(openCheckpoint(folder).files).toEqual([join(folder, "consolidated.00.pth")]);
  });

  it("shards by their index, names as they stand there", () => {
    const folder = folderWith({
      [FIRST]: oneTensor("module.a"),
      [SECOND]: oneTensor("module.b"),
      "pytorch_model.bin.index.json": index({ "module.a": FIRST, "module.b": SECOND }),
    });
    const checkpoint = openCheckpoint(folder);
    expect([...checkpoint.tensors.keys()]).toEqual(["module.a", "module.b"]);
    expect({ ...openCheckpoint(join(folder, "pytorch_model.bin.index.json")), path: folder, folder }).toEqual(
      checkpoint,
    );
    expect(checkpoint).toMatchObject({ name: "model-x", format: "pytorch", parameters: 4 });
  });
});

describe("openCheckpoint refuses shards", () => {
  it("that are missing, not of the format, or do not hold what the index says", () => {
    const parts = { [FIRST]: oneTensor("a"), [SECOND]: oneTensor("b") };
    const open = (map: Record<string, string>): unknown =>
      openCheckpoint(folderWith({ ...parts, "pytorch_model.bin.index.json": index(map) }));
    expectCode("index-shard-missing", () => open({ a: FIRST, b: "pytorch_model-00003-of-00003.bin" }));
    expectCode("index-bad-shard-name", () => open({ a: "../x.bin" }));
    expectCode("index-bad-shard-name", () => open({ a: "x.safetensors" }));
    expectCode("index-tensor-missing", () => open({ a: FIRST, c: SECOND }));
    expectCode("checkpoint-ambiguous", () => openCheckpoint(folderWith(parts)));
  });
});

describe("a storage of 3 GiB, in a file with a hole", () => {
  const elements = (3 * GIB) / 4;
  const tail = { shape: [2], strides: [1] };
  const pickled = pickle(
    op.dict(
      op.text("large"),
      tensorPickle({ elements, shape: [3, GIB / 4], strides: [GIB / 4, 1] }),
      op.text("its end"),
      tensorPickle({ elements, offset: elements - 2, ...tail }),
      op.text("behind"),
      tensorPickle({ key: "1", elements: 2, ...tail }),
    ),
  );
  const marks = new Uint8Array(Float32Array.of(1.5, -2).buffer);

  function check(path: string): void {
    const { tensors, bytes } = openCheckpoint(path);
    expect(bytes).toBe(3 * GIB + 16);
    expect(tensors.get("large")!.end - tensors.get("large")!.begin).toBe(3 * GIB);
    const source = openFileSource(path);
    for (const name of ["its end", "behind"]) {
      const found = new Float32Array(2);
      source.read(tensors.get(name)!.begin, new Uint8Array(found.buffer));
      expect([...found]).toEqual([1.5, -2]);
    }
    source.close();
  }

  it.skipIf(process.platform === "win32")("is found in the zip format, with 64-bit positions", () => {
    const path = join(temporaryFolder(), "large.pt");
    const file = openSync(path, "w");
    const pieces = zipPieces(
      [
        { name: "m/data.pkl", content: pickled },
        { name: "m/data/0", content: 3 * GIB },
        { name: "m/data/1", content: marks },
      ],
      true,
    );
    for (const { at, bytes } of pieces) writeSync(file, bytes, 0, bytes.length, at);
    const end = pieces.findIndex(({ at }) => at > 3 * GIB);
    writeSync(file, marks, 0, 8, pieces[end].at - 8);
    closeSync(file);
    check(path);
  });

  it.skipIf(process.platform === "win32")("is found in the legacy format", () => {
    const path = join(temporaryFolder(), "large-legacy.pt");
    const file = openSync(path, "w");
    const count = (value: number): Uint8Array => new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
    const keys = pickle([0x5d, 0x28], op.text("0"), op.text("1"), [0x65]);
    const start = Buffer.concat([legacyStart(), pickled, keys, count(elements)]);
    writeSync(file, start, 0, start.length, 0);
    const rest = Buffer.concat([marks, count(2), marks]);
    writeSync(file, rest, 0, rest.length, start.length + 3 * GIB - 8);
    ftruncateSync(file, start.length + 3 * GIB - 8 + rest.length);
    closeSync(file);
    check(path);
  });
});
