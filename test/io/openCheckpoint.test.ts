import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { looksLikeCheckpoint, openCheckpoint } from "../../src/io/openCheckpoint";
import { beginOutput } from "../../src/io/outputTransaction";
import type { ErrorCode } from "../../src/protocol/errorText";
import { expectCode } from "../fixtures/expectCode";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import type { FixtureTensors } from "../fixtures/writeCheckpoint";
import { writeSafetensors, writeShardedFolder } from "../fixtures/writeCheckpoint";

const TENSORS: FixtureTensors = {
  "layer.0.weight": { dtype: "F32", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  "layer.1.weight": { dtype: "BF16", shape: [4], values: [1, -1, 0.5, 0] },
  step: { dtype: "I64", shape: [], bytes: new Uint8Array(8) },
};

describe("openCheckpoint opens", () => {
  it("a file", () => {
    const path = join(temporaryFolder(), "tuned.safetensors");
    writeSafetensors(path, TENSORS, { format: "pt" });
    const checkpoint = openCheckpoint(path);
    expect(checkpoint).toMatchObject({
      path,
      name: "tuned",
      format: "safetensors",
      files: [path],
      bytes: 40,
      parameters: 11,
    });
    expect({ ...checkpoint.metadata }).toEqual({ format: "pt" });
    expect([...checkpoint.tensors.keys()]).toEqual(["step", "layer.0.weight", "layer.1.weight"]);
    expect(checkpoint.tensors.get("layer.1.weight")).toMatchObject({ file: path, dtype: "BF16", shape: [4] });
  });

  it("a folder with model.safetensors, whatever else lies there", () => {
    const folder = join(temporaryFolder(), "base");
    writeSafetensors(join(folder, "model.safetensors"), TENSORS);
    writeSafetensors(join(folder, "other.safetensors"), {});
    writeFileSync(join(folder, "pytorch_model.bin"), "");
    const checkpoint = openCheckpoint(folder);
    expect(checkpoint).toMatchObject({ path: folder, name: "base", files: [join(folder, "model.safetensors")] });
    expect(openCheckpoint(join(folder, "model.safetensors")).name).toBe("base");
  });

  it("a folder of shards, or its index", () => {
    const folder = join(temporaryFolder(), "large");
    const files = writeShardedFolder(folder, TENSORS, 16, { format: "pt" });
    expect(files).toHaveLength(2);
    const checkpoint = openCheckpoint(folder);
    expect(checkpoint).toMatchObject({ name: "large", files: files.map((file) => join(folder, file)), parameters: 11 });
    expect(basename(checkpoint.tensors.get("step")?.file ?? "")).toBe("model-00002-of-00002.safetensors");
    const byIndex = openCheckpoint(join(folder, "model.safetensors.index.json"));
    expect({ ...byIndex, path: folder, folder }).toEqual(checkpoint);
  });

  it("a folder with one file of another name", () => {
    const folder = temporaryFolder();
    writeSafetensors(join(folder, "diffusion.safetensors"), TENSORS);
    expect(openCheckpoint(folder).files).toEqual([join(folder, "diffusion.safetensors")]);
  });

  it("a cache whose files are links to somewhere else", () => {
    const cache = temporaryFolder();
    const blobs = join(cache, "blobs");
    const snapshot = join(cache, "snapshot");
    const files = writeShardedFolder(snapshot, TENSORS, 16);
    mkdirSync(blobs);
    for (const [i, file] of [...files, "model.safetensors.index.json"].entries()) {
      renameSync(join(snapshot, file), join(blobs, `${i}`));
      symlinkSync(join("..", "blobs", `${i}`), join(snapshot, file));
    }
    expect(openCheckpoint(snapshot).parameters).toBe(11);
    expect(looksLikeCheckpoint(snapshot)).toBe(true);
  });
});

describe("openCheckpoint refuses", () => {
  const cases: [string, ErrorCode, (folder: string) => string][] = [
    ["nothing", "checkpoint-missing", (folder) => join(folder, "none")],
    ["an empty folder", "checkpoint-not-found", (folder) => folder],
    [
      "several files without an index",
      "checkpoint-ambiguous",
      (folder) => {
        writeSafetensors(join(folder, "a.safetensors"), {});
        writeSafetensors(join(folder, "b.safetensors"), {});
        return folder;
      },
    ],
    [
      "several indexes",
      "checkpoint-ambiguous",
      (folder) => {
        for (const name of ["a", "b"]) writeFileSync(join(folder, `${name}.safetensors.index.json`), "{}");
        return folder;
      },
    ],
    [
      "a folder with nothing but training state",
      "checkpoint-not-found",
      (folder) => {
        for (const name of ["training_args.bin", "optimizer.pt", "rng_state_0.pth"]) {
          writeFileSync(join(folder, name), "");
        }
        return folder;
      },
    ],
    [
      "several PyTorch files without an index",
      "checkpoint-ambiguous",
      (folder) => {
        for (const name of ["a.pt", "b.bin"]) writeFileSync(join(folder, name), "");
        return folder;
      },
    ],
    ...["bin", "pt", "pth", "ckpt"].map((extension): [string, ErrorCode, (folder: string) => string] => [
      `a .${extension} file that PyTorch has not written`,
      "pytorch-unknown",
      (folder) => {
        writeFileSync(join(folder, `m.${extension}`), "");
        return join(folder, `m.${extension}`);
      },
    ]),
    [
      "any other file",
      "checkpoint-unknown-file",
      (folder) => {
        writeFileSync(join(folder, "m.gguf"), "");
        return join(folder, "m.gguf");
      },
    ],
    [
      "a missing shard",
      "index-shard-missing",
      (folder) => {
        rmSync(join(folder, writeShardedFolder(folder, TENSORS, 16)[0]));
        return folder;
      },
    ],
    [
      "a shard with a tensor too many",
      "index-tensor-unlisted",
      (folder) => {
        const [first] = writeShardedFolder(folder, TENSORS, 16);
        writeSafetensors(join(folder, first), { "layer.0.weight": TENSORS["layer.0.weight"], extra: TENSORS.step });
        return folder;
      },
    ],
    [
      "a tensor in two shards",
      "index-tensor-twice",
      (folder) => {
        const [first] = writeShardedFolder(folder, TENSORS, 16);
        writeSafetensors(join(folder, first), TENSORS);
        return folder;
      },
    ],
    [
      "a damaged shard",
      "header-beyond-file",
      (folder) => {
        const [, second] = writeShardedFolder(folder, TENSORS, 16);
        writeFileSync(join(folder, second), new Uint8Array([9, 0, 0, 0, 0, 0, 0, 0, 0x7b]));
        return folder;
      },
    ],
    [
      "an output that was not finished",
      "checkpoint-unfinished",
      (folder) => {
        const output = beginOutput({
          out: join(folder, "m"),
          overwrite: false,
          resume: false,
          inputs: [],
          fingerprint: "",
        });
        writeSafetensors(join(output.folder, "model.safetensors"), TENSORS);
        output.abandon();
        return output.folder;
      },
    ],
  ];
  it.each(cases)("%s: %s", (_, code, prepare) => {
    const path = prepare(temporaryFolder());
    expect(expectCode(code, () => openCheckpoint(path)).details.where).toContain(path);
  });

  it("several files, naming them", () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 12; i++) writeSafetensors(join(folder, `m${String(i).padStart(2, "0")}.safetensors`), {});
    const { files } = expectCode("checkpoint-ambiguous", () => openCheckpoint(folder)).details;
    expect(files).toMatch(/^m00\.safetensors, m01.* and 2 more$/);
  });
});

describe("looksLikeCheckpoint", () => {
  it("goes by names alone", () => {
    const folder = temporaryFolder();
    expect(looksLikeCheckpoint(folder)).toBe(false);
    expect(looksLikeCheckpoint(join(folder, "none.safetensors"))).toBe(false);
    mkdirSync(join(folder, "folder.safetensors"));
    expect(looksLikeCheckpoint(join(folder, "folder.safetensors"))).toBe(false);
    rmSync(join(folder, "folder.safetensors"), { recursive: true });
    writeFileSync(join(folder, "config.json"), "");
    expect(looksLikeCheckpoint(folder)).toBe(false);
    writeFileSync(join(folder, "adapter_model.safetensors"), "");
    expect(looksLikeCheckpoint(folder)).toBe(true);
    rmSync(join(folder, "adapter_model.safetensors"));
    writeFileSync(join(folder, "x.safetensors"), "no header needed");
    expect(looksLikeCheckpoint(folder)).toBe(true);
    expect(looksLikeCheckpoint(join(folder, "x.safetensors"))).toBe(true);
    expect(looksLikeCheckpoint(join(folder, "config.json"))).toBe(false);
  });

  it.skipIf(process.platform === "win32")("is false, not an error, at a pipe of that name", () => {
    const pipe = join(temporaryFolder(), "p.safetensors");
    execFileSync("mkfifo", [pipe]);
    expect(looksLikeCheckpoint(pipe)).toBe(false);
  });
});
