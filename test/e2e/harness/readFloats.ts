/** One BF16 or F32 tensor of a checkpoint that is too large to be read as a whole. */
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export function readFloats(folder: string, name: string): { values: Float32Array; shape: number[] } {
  const file = openSync(join(folder, "model.safetensors"), "r");
  const read = (start: number, bytes: number): Buffer => {
    const part = Buffer.alloc(bytes);
    if (readSync(file, part, 0, bytes, start) !== bytes) throw new Error(`${folder} ends too early`);
    return part;
  };
  const headerBytes = Number(read(0, 8).readBigUInt64LE());
  const header = JSON.parse(read(8, headerBytes).toString()) as Record<string, HeaderEntry>;
  const { dtype, shape, data_offsets: offsets } = header[name]!;
  const bytes = read(8 + headerBytes + offsets[0], offsets[1] - offsets[0]);
  closeSync(file);
  if (dtype === "F32") return { values: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), shape };
  if (dtype !== "BF16") throw new Error(`${name} is ${dtype}`);
  // The upper half of a float32.
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  return { values: new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer), shape };
}
