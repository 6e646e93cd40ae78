/** A report as JSON text, in pieces: thousands of tensors must not hold up the editor. */
import { setImmediate } from "node:timers/promises";
import type { InterferenceReport } from "../../protocol/report";

/** Small enough for a few milliseconds a piece. */
const TENSORS_A_PIECE = 100;

/** The same value as `JSON.stringify(report)`, one tensor a line. */
export async function reportJson({ tensors, ...rest }: InterferenceReport): Promise<string> {
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, "");
  const lines: string[] = [];
  for (let i = 0; i < tensors.length; i += TENSORS_A_PIECE) {
    lines.push(...tensors.slice(i, i + TENSORS_A_PIECE).map((tensor) => `    ${JSON.stringify(tensor)}`));
    await setImmediate();
  }
  const list = lines.length > 0 ? `[\n${lines.join(",\n")}\n  ]` : "[]";
  return `${head},\n  "tensors": ${list}\n}\n`;
}
