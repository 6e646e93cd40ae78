import { openSync, closeSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { partialFolderOf } from "../../src/io/partialFolder";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext, writeMergeCase } from "../fixtures/mergeCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const engine = createEngine({ threads: 1 });
afterAll(() => engine.close());

for (const trimScope of ["model", "tensor"] as const) {
  it(`a merge with statistics goes on in ${trimScope} scope, and its report is that of a run without a break`, async () => {
    const folder = temporaryFolder();
    // The last tensor has two segments; a coarse step makes entries cancel.
    const shapes = { "a.0": [300, 100], "a.1": [300, 100], "b.0": [5], "c.0": [4300, 1000] };
    const { set } = writeMergeCase({ folder, shapes, models: 2, step: 1 / 8, rules: { trimScope } });
    const output = bareOutput(folder);
    // Something appears at the output's name at the last moment: all is done, and nothing may be put in place.
    const stopped = engine.merge(
      { set, output, statistics: true },
      {
        signal: quietContext.signal,
        progress: ({ phase }) => {
          if (phase === "finish") writeFileSync(output.out, "");
        },
      },
    );
    await expect(stopped).rejects.toMatchObject({ code: "output-exists" });
    rmSync(output.out);
    damageEnd(join(partialFolderOf(output.out), "out.safetensors"));

    const resumed = await engine.merge({ set, output: { ...output, resume: true }, statistics: true }, quietContext);
    expect(resumed.resumedTensors).toBe(3);
    const whole = { ...output, out: join(folder, "whole.safetensors") };
    expect(resumed.report).toEqual((await engine.merge({ set, output: whole, statistics: true }, quietContext)).report);
  }, 30_000);
}

/** Changes the last byte of a file: what stands there is not whole any more. */
function damageEnd(path: string): void {
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, new Uint8Array([0xa5]), 0, 1, statSync(path).size - 1);
  closeSync(descriptor);
}
