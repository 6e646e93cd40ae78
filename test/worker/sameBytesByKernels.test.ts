import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { CHUNK_ELEMENTS } from "../../src/engine/kernels/rawChunk";
import type { FloatDtype } from "../../src/protocol/mergeSet";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
afterEach(() => {
  delete process.env.TIES_MERGE_KERNELS;
});

/** Merges by the kernels that the environment names; `out`'s bytes, the report, and which kernels they were. */
async function mergeBy(kernels: string | undefined, set: ReturnType<typeof writeMergeCase>["set"], name: string) {
  if (kernels !== undefined) process.env.TIES_MERGE_KERNELS = kernels;
  const engine = createEngine({ threads: 2 });
  try {
    const output = bareOutput(folder, `${name}-${kernels}`);
    const plan = await engine.plan({ set, output }, quietContext);
    const { report } = await engine.merge({ set, output, statistics: true }, quietContext);
    return { kernels: plan.kernels, report: JSON.stringify(report), bytes: readFileSync(output.out) };
  } finally {
    await engine.close();
    delete process.env.TIES_MERGE_KERNELS;
  }
}

for (const dtype of ["F32", "BF16", "F16"] as FloatDtype[]) {
  for (const trimScope of ["model", "tensor"] as const) {
    it(`come from SIMD and plain kernels, ${dtype}, ${trimScope} scope`, async () => {
      const name = `${dtype}-${trimScope}`;
      const { set } = writeMergeCase({
        folder: join(folder, name),
        shapes: { "a.big": [2, CHUNK_ELEMENTS - 7], "b.small": [10], "c.two": [CHUNK_ELEMENTS + 1], "d.none": [0] },
        models: 3,
        dtype,
        weights: [1, 0.5, 1],
        rules: { trimScope, trimTies: "exact" },
      });
      const simd = await mergeBy(undefined, set, name);
      const plain = await mergeBy("plain", set, name);
      expect([simd.kernels, plain.kernels]).toEqual(["simd", "plain"]);
      expect(simd.bytes.equals(plain.bytes)).toBe(true);
      expect(simd.report).toBe(plain.report);
    });
  }
}
