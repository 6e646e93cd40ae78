/** What a person waits for before anything is computed: small merges, and looking into folders of many tensors. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { layoutSafetensors } from "../../src/engine/format/safetensorsLayout";
import { medianOf, runCli, timed } from "./measure";
import { printTable, type Row } from "./table";

const ROUNDS = 5;

export function benchStart(folder: string): void {
  const adapters = Array.from({ length: 11 }, (_, at) => join(folder, `adapter-${at}`));
  for (const [seed, path] of adapters.entries()) writeSmall(path, seed, 64, [8, 1024]);
  const many = join(folder, "many tensors");
  writeSmall(many, 0, 10_000, [8]);
  const out = join(folder, "small");
  const [base, ...models] = adapters;
  const merge = ["merge", "--base", base, ...models.flatMap((path) => ["--model", path]), "--out", out, "--quiet"];
  const rows: Row[] = [
    ["node, doing nothing", measured(() => timed([process.execPath, "-e", "0"]))],
    [
      "merge of ten adapters of 1 MB",
      measured(
        () => runCli(merge).seconds,
        () => rmSync(out, { recursive: true }),
      ),
    ],
    ["info on 10 000 tensors", measured(() => runCli(["info", many]).seconds)],
  ];
  printTable("Start: whole processes", ["", "wall s"], rows);
}

function measured(run: () => number, after?: () => void): string {
  const runs = Array.from({ length: ROUNDS }, () => {
    const seconds = run();
    after?.();
    return { seconds };
  });
  return medianOf(runs).seconds.toFixed(2);
}

/** A checkpoint of `tensors` BF16 tensors. */
function writeSmall(path: string, seed: number, tensors: number, shape: number[]): void {
  const names = Array.from({ length: tensors }, (_, at) => `layers.${at}.weight`);
  const { header, size } = layoutSafetensors(names.map((name) => ({ name, dtype: "BF16", shape })));
  const bytes = new Uint8Array(size);
  bytes.set(header);
  const weights = new Uint16Array(bytes.buffer.slice(header.length));
  let state = 2 * seed + 1;
  for (let i = 0; i < weights.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // Of magnitude 2⁻⁷ to 2⁻⁵, either sign.
    weights[i] = 0x3c00 | ((state >>> 16) & 0x81ff);
  }
  bytes.set(new Uint8Array(weights.buffer), header.length);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "model.safetensors"), bytes);
}
