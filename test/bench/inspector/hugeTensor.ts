/** One tensor as large as embeddings are, of a base and its fine-tunes. */
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { layoutSafetensors } from "../../../src/engine/format/safetensorsLayout";

export const HUGE_TENSOR = "model.embed_tokens.weight";
const PATTERN_ENTRIES = 1 << 24;

/** A base of zeros that takes no room on the disk, and fine-tunes that repeat a pattern of heavy-tailed entries. */
export function writeHugeSet(folder: string, shape: number[], models: number): { base: string; models: string[] } {
  mkdirSync(folder, { recursive: true });
  const { header, size } = layoutSafetensors([{ name: HUGE_TENSOR, dtype: "BF16", shape }]);
  const whole = join(folder, "written");
  const all = Array.from({ length: models }, (_, t) => join(folder, `model-${t}.safetensors`));
  if (existsSync(whole)) return { base: join(folder, "base.safetensors"), models: all };
  const base = join(folder, "base.safetensors");
  const file = openSync(base, "w");
  writeSync(file, header);
  ftruncateSync(file, size);
  closeSync(file);
  all.forEach((path, t) => writeModel(path, header, size, t, shape[1] ?? 1));
  closeSync(openSync(whole, "w"));
  return { base, models: all };
}

function writeModel(path: string, header: Uint8Array, size: number, seed: number, columns: number): void {
  const entries = new Uint16Array(PATTERN_ENTRIES);
  let state = 7919 * seed + 1;
  for (let i = 0; i < entries.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // Magnitudes from 2⁻²⁰ to 2⁻¹³, either sign; some columns and rows are larger than others.
    const column = (Math.imul((i % columns) + seed * 31, 2_654_435_761) >>> 29) & 3;
    const row = (Math.imul(Math.floor(i / columns) + seed * 17, 2_246_822_519) >>> 30) & 1;
    entries[i] = ((state >>> 16) & 0x80ff) | ((107 + column + row) << 7);
  }
  const file = openSync(path, "w");
  writeSync(file, header);
  const bytes = new Uint8Array(entries.buffer);
  for (let at = header.length; at < size; at += bytes.length)
    writeSync(file, bytes.subarray(0, Math.min(bytes.length, size - at)));
  closeSync(file);
}
