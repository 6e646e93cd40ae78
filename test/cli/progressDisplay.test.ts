/** Progress: one redrawn line on a terminal, a plain line now and then elsewhere, nothing when quiet. */
import { describe, expect, it } from "vitest";
import { ProgressDisplay } from "../../src/cli/progressDisplay";
import type { ProgressStream } from "../../src/cli/progressDisplay";

class RecordingStream implements ProgressStream {
  written: string[] = [];
  constructor(
    readonly isTTY: boolean,
    readonly columns?: number,
  ) {}
  write(text: string): void {
    this.written.push(text);
  }
}

/** A hundred steps of 10 MB, 100 ms apart. */
function run(stream: RecordingStream, { quiet = false, tensor = "model.layers.0.weight" } = {}): string[] {
  let time = 0;
  const display = new ProgressDisplay(stream, quiet, () => time);
  for (let i = 0; i < 100; i++, time += 100) {
    display.update({ phase: "merge", tensor, done: i * 10e6, total: 1e9, secondsLeft: null });
  }
  display.clear();
  return stream.written;
}

describe("elsewhere than on a terminal", () => {
  it("a line comes every two seconds", () => {
    const lines = run(new RecordingStream(false));
    expect(lines).toHaveLength(5);
    expect(lines[2]).toBe("merge 40 %, 100 MB/s, 6 s left, model.layers.0.weight\n");
  });
});

describe("on a terminal", () => {
  it("one line is redrawn and taken away at the end", () => {
    const written = run(new RecordingStream(true, 100));
    expect(written.every((text) => text.startsWith("\r\u001b[K") && !text.includes("\n"))).toBe(true);
    expect(written.at(-1)).toBe("\r\u001b[K");
    expect(written.at(-2)).toContain("[########################]".slice(0, 20));
  });

  it.each([20, 40, 60, 80, 200])("the line fits %i columns", (columns) => {
    const lines = run(new RecordingStream(true, columns), { tensor: "x".repeat(300) });
    for (const line of lines) expect(line.replace("\r\u001b[K", "").length).toBeLessThan(columns);
  });

  it("a name cannot steer it", () => {
    const lines = run(new RecordingStream(true, 200), { tensor: "a\u001b[31mb\nc" });
    expect(lines.join("").replaceAll("\r\u001b[K", "")).not.toMatch(/[\u001b\n]/);
  });
});

describe("when quiet", () => {
  it("nothing is written", () => {
    expect(run(new RecordingStream(true, 80), { quiet: true })).toEqual([]);
  });
});
