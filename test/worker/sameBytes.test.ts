import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/worker/engine";
import { CHUNK_ELEMENTS } from "../../src/engine/kernels/rawChunk";
import { SEGMENT_ELEMENTS } from "../../src/engine/plan/workPlan";
import { bareOutput, quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { naiveTies } from "../fixtures/naiveTies";
import { readTensor } from "../fixtures/readTensor";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const folder = temporaryFolder();
const MiB = 2 ** 20;

/** Merges with statistics under some threads and memory; gives the file's bytes and the report's text. */
async function mergeUnder(
  set: ReturnType<typeof writeMergeCase>["set"],
  name: string,
  threads: number,
  memoryLimit: number,
): Promise<{ bytes: Buffer; report: string }> {
  const engine = createEngine({ threads, memoryLimit });
  try {
    const output = bareOutput(folder, name);
    const { report } = await engine.merge({ set, output, statistics: true }, quietContext);
    return { bytes: readFileSync(output.out), report: JSON.stringify(report) };
  } finally {
    await engine.close();
  }
}

describe("the same bytes and the same report", () => {
  for (const trimScope of ["model", "tensor"] as const) {
    for (const trimTies of ["inclusive", "exact"] as const) {
      it(`for any threads and memory, ${trimScope} scope, ${trimTies} ties, tensors of several chunks`, async () => {
        const here = join(folder, `${trimScope}-${trimTies}`);
        const { set, tensors } = writeMergeCase({
          folder: here,
          shapes: { "a.big": [3, CHUNK_ELEMENTS - 7], "b.small": [10], "c.two": [CHUNK_ELEMENTS + 1] },
          models: 3,
          step: 1 / 4,
          rules: { trimScope, trimTies },
        });
        const one = await mergeUnder(set, `${trimScope}-${trimTies}-1`, 1, 1024 * MiB);
        const three = await mergeUnder(set, `${trimScope}-${trimTies}-3`, 3, 1024 * MiB);
        // Little more than one worker needs.
        const tight = await mergeUnder(set, `${trimScope}-${trimTies}-tight`, 1, 125 * MiB);
        expect(three.bytes.equals(one.bytes)).toBe(true);
        expect(tight.bytes.equals(one.bytes)).toBe(true);
        expect(three.report).toBe(one.report);
        expect(tight.report).toBe(one.report);
        const expected = naiveTies(set, tensors);
        const out = join(folder, `${trimScope}-${trimTies}-1.safetensors`);
        for (const { name } of tensors) expect(readTensor(out, name)).toEqual(expected.theta.get(name));
      });
    }
  }

  it("for a tensor of several segments", async () => {
    const { set } = writeMergeCase({
      folder: join(folder, "segments"),
      shapes: { huge: [SEGMENT_ELEMENTS + 1000] },
      models: 2,
      rules: { trimScope: "tensor", trimTies: "exact" },
    });
    const one = await mergeUnder(set, "segments-1", 1, 1024 * MiB);
    const two = await mergeUnder(set, "segments-2", 2, 200 * MiB);
    expect(two.bytes.equals(one.bytes)).toBe(true);
    expect(two.report).toBe(one.report);
  }, 120_000);
});
