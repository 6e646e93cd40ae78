/** A merge with RegMean goes on from the layers that were finished and are still whole. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { partialFolderOf } from "../../src/io/partialFolder";
import { createEngine } from "../../src/worker/engine";
import { bareOutput, quietContext } from "../fixtures/mergeCase";
import { writeGramCase } from "../fixtures/statisticsCase";
import { temporaryFolder } from "../fixtures/temporaryFolder";

const engine = createEngine({ threads: 2 });
afterAll(() => engine.close());

it("solves again only for what is not whole, to the same bytes", async () => {
  const folder = temporaryFolder();
  const shapes = { "a.weight": [20, 30], "b.bias": [7], "c.weight": [300, 40] };
  const { set } = writeGramCase({ folder, shapes, models: 2 });
  const output = bareOutput(folder);
  const progress = ({ phase }: { phase: string }): void => {
    // Something appears at the output's name at the last moment: all is done, and nothing may be put in place.
    if (phase === "finish") writeFileSync(output.out, "");
  };
  const stopped = engine.merge({ set, output, statistics: false }, { ...quietContext, progress });
  await expect(stopped).rejects.toMatchObject({ code: "output-exists" });
  rmSync(output.out);
  const partial = join(partialFolderOf(output.out), "out.safetensors");
  const descriptor = openSync(partial, "r+");
  writeSync(descriptor, new Uint8Array([0xa5]), 0, 1, statSync(partial).size - 1);
  closeSync(descriptor);

  const resumed = await engine.merge({ set, output: { ...output, resume: true }, statistics: false }, quietContext);
  expect(resumed.resumedTensors).toBe(2);
  const whole = bareOutput(folder, "whole");
  await engine.merge({ set, output: whole, statistics: false }, quietContext);
  expect(readFileSync(output.out).equals(readFileSync(whole.out))).toBe(true);
});
