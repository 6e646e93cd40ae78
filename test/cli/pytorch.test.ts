/** PyTorch checkpoints in every command; the output is safetensors, and the same as from safetensors. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../fixtures/runCli";
import { writeSafetensors } from "../fixtures/writeCheckpoint";
import { op, pickle, tensorPickle, torchZip } from "../fixtures/writeTorch";

const folder = temporaryFolder();
const FILES = "test/fixtures/torch";

type Matrix = { name: string; shape: [number, number]; values: number[] };

const random = (seed: number) => (): number => {
  seed = (seed * 1103515245 + 12345) % 2 ** 31;
  return Math.fround((seed / 2 ** 31 - 0.5) / 8);
};

function model(seed: number): Matrix[] {
  const next = random(seed);
  return [
    { name: "encoder.0.weight", shape: [40, 30] as [number, number] },
    { name: "encoder.1.weight", shape: [30, 40] as [number, number] },
    { name: "head.weight", shape: [10, 30] as [number, number] },
  ].map(({ name, shape }) => ({ name, shape, values: Array.from({ length: shape[0] * shape[1] }, next) }));
}

/** The values column by column. */
const transposed = ({ shape: [rows, columns], values }: Matrix): number[] =>
  Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);

/** As `torch.save` has it; the second matrix lies transposed in its storage, the third is a part of a larger one. */
function torchBytes(matrices: Matrix[]): Uint8Array {
  const storages: Record<string, Uint8Array> = {};
  const items = matrices.flatMap((matrix, i) => {
    const { name, shape } = matrix;
    const stored = [matrix.values, transposed(matrix), [NaN, NaN, ...matrix.values, NaN]][i];
    storages[i] = new Uint8Array(Float32Array.from(stored).buffer);
    const strides = i === 1 ? [1, shape[0]] : [shape[1], 1];
    const options = { key: String(i), elements: stored.length, offset: i === 2 ? 2 : 0, shape, strides };
    return [op.text(name), tensorPickle(options)];
  });
  return torchZip(pickle(op.dict(...items)), storages);
}

const MODELS = ["base", "math", "code"];

beforeAll(() => {
  MODELS.forEach((name, seed) => {
    const matrices = model(seed + 1);
    const torch = join(folder, `${name}-torch`);
    mkdirSync(torch);
    writeFileSync(join(torch, "pytorch_model.bin"), torchBytes(matrices));
    writeFileSync(join(torch, "training_args.bin"), "not weights");
    writeFileSync(join(torch, "config.json"), "{}");
    const tensors = matrices.map(({ name: key, shape, values }) => [key, { dtype: "F32", shape, values }]);
    writeSafetensors(join(folder, `${name}-safe`, "model.safetensors"), Object.fromEntries(tensors));
  });
});

const cli = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: folder });
const set = (...names: string[]): string[] => [
  "--base",
  ...names.flatMap((name, i) => (i > 0 ? ["--model", name] : [name])),
];

describe("merge", () => {
  for (const compat of ["reference", "mergekit"]) {
    it(`gives the same bytes from PyTorch as from safetensors, compat ${compat}`, async () => {
      const [safe, torch] = ["safe", "torch"].map((kind) => join(folder, `${compat}-${kind}`));
      const options = ["--compat", compat, "--density", "0.3", "--quiet"];
      const first = await cli("merge", ...set("base-safe", "math-safe", "code-safe"), ...options, "--out", safe);
      const second = await cli("merge", ...set("base-torch", "math-torch", "code-torch"), ...options, "--out", torch);
      expect([first.stderr, second.stderr]).toEqual(["", ""]);
      const bytes = (out: string): Buffer => readFileSync(join(out, "model.safetensors"));
      expect(Buffer.compare(bytes(safe), bytes(torch))).toBe(0);
      expect(readdirSync(torch).sort()).toEqual(["README.md", "config.json", "model.safetensors", "ties_recipe.yml"]);
    });
  }

  it("mixes both formats", async () => {
    const { code, stderr } = await cli("merge", ...set("base-safe", "math-torch"), "--density", "1", "--out", "mixed");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const all = await cli("merge", ...set("base-safe", "math-safe"), "--density", "1", "--out", "unmixed");
    expect(all.code).toBe(0);
    const [mixed, unmixed] = ["mixed", "unmixed"].map((out) => readFileSync(join(folder, out, "model.safetensors")));
    expect(Buffer.compare(mixed, unmixed)).toBe(0);
  });

  it("carries what is not merged, views included, as it was in memory", async () => {
    const views = ["views.pt", "views-legacy.pt"].map((file) => join(process.cwd(), FILES, file));
    const { code, stderr } = await cli("merge", ...set(...views), "--exclude", "*e*", "--out", "views.safetensors");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const expected = JSON.parse(readFileSync(join(FILES, "expected.json"), "utf8"))["views.pt"];
    const file = readFileSync(join(folder, "views.safetensors"));
    const headerEnd = 8 + Number(file.readBigUInt64LE());
    const header = JSON.parse(file.toString("utf8", 8, headerEnd));
    for (const [name, { shape, bytes }] of Object.entries<{ shape: number[]; bytes: string }>(expected)) {
      const [begin, end] = header[name].data_offsets as [number, number];
      expect(header[name].shape).toEqual(shape);
      expect(file.subarray(headerEnd + begin, headerEnd + end).toString("base64")).toBe(bytes);
    }
  });
});

it("inspect gives the same report from PyTorch as from safetensors", async () => {
  const report = async (kind: string): Promise<unknown> => {
    const names = MODELS.map((name) => `${name}-${kind}`);
    const { stdout } = await cli("inspect", ...set(...names), "--density", "0.3", "--json", "-", "--quiet");
    const { totals, tensors } = JSON.parse(stdout);
    return JSON.parse(JSON.stringify({ totals, tensors }).replaceAll(`-${kind}`, ""));
  };
  expect(await report("torch")).toEqual(await report("safe"));
});

it("info and verify read every format of PyTorch", async () => {
  for (const file of ["lightning-protocol2.ckpt", "lightning-legacy.ckpt"]) {
    const { code, stdout } = await cli("info", join(process.cwd(), FILES, file), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ format: "pytorch", parameters: 17 });
    expect((await cli("verify", join(process.cwd(), FILES, file))).code).toBe(0);
  }
});

it("a checkpoint that wants to run something is refused, naming it, and nothing runs", async () => {
  const before = readdirSync(folder);
  const { code, stdout, stderr } = await cli("info", join(process.cwd(), FILES, "attack.pt"));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^error: The checkpoint names posix\.system, .*\(.*attack\.pt\)\. /);
  expect(readdirSync(folder)).toEqual(before);
});
