import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SafeTensor } from "safetensors";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/temporaryFolder";
import { writeSafetensors } from "../fixtures/writeCheckpoint";

describe("the npm package safetensors", () => {
  it("reads back what is written here", () => {
    const path = join(temporaryFolder(), "m.safetensors");
    const values = [1.5, -2, 0, -0, 65504, 2 ** -24];
    // Without metadata, on which that package fails.
    writeSafetensors(path, {
      "a.weight": { dtype: "F32", shape: [2, 3], values },
      "b.weight": { dtype: "F64", shape: [6], values },
      half: { dtype: "F16", shape: [6], values },
      ids: { dtype: "I64", shape: [2], bytes: new Uint8Array(BigInt64Array.of(-1n, 7n).buffer) },
      none: { dtype: "F32", shape: [0], values: [] },
    });
    const file = new SafeTensor(new Uint8Array(readFileSync(path)));
    const tensor = (name: string): ArrayBuffer => new Uint8Array(file.getTensor(name)).buffer;
    expect(file.metadata.get("a.weight")).toMatchObject({ dtype: "F32", shape: [2, 3] });
    expect([...new Float32Array(tensor("a.weight"))]).toEqual(values);
    expect([...new Float64Array(tensor("b.weight"))]).toEqual(values);
    expect([...new Uint16Array(tensor("half"))]).toEqual([0x3e00, 0xc000, 0, 0x8000, 0x7bff, 1]);
    expect([...new BigInt64Array(tensor("ids"))]).toEqual([-1n, 7n]);
    expect(tensor("none").byteLength).toBe(0);
  });
});
