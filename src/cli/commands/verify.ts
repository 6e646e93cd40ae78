/** `ties-merge verify`: reads every value of a checkpoint. */
import { MergeError } from "../../protocol/errors";
import type { Arguments } from "../arguments";
import { checkpointPath } from "../checkpointPath";
import { withEngine } from "../engineSession";
import { printable } from "../printable";
import { ProgressDisplay } from "../progressDisplay";
import type { Terminal } from "../terminal";
import { counted, formatBytes } from "../../engine/units";

export async function runVerify(args: Arguments, terminal: Terminal): Promise<number> {
  const [written = ""] = args.positionals;
  const path = checkpointPath(written);
  const display = new ProgressDisplay(terminal.messages, args.has("quiet"));
  const progress = (value: Parameters<ProgressDisplay["update"]>[0]): void => {
    display.update({ ...value, phase: "verify" });
  };
  const { tensors, bytes, problems } = await withEngine(args, async (engine) => {
    return await engine.verify({ path }, { signal: terminal.signal, progress });
  }).finally(() => display.clear());
  if (problems.length > 0) {
    terminal.print(problems.map(({ tensor, problem }) => `${printable(tensor)}: ${printable(problem)}\n`).join(""));
    throw new MergeError("verify-failed", { where: written, count: problems.length });
  }
  terminal.print(
    `${printable(written)} is whole: ${counted(tensors, "tensor")}, ${formatBytes(bytes)}, every value finite\n`,
  );
  return 0;
}
