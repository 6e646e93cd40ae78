/** `ties-merge inspect`: the interference report as a table, JSON or CSV. */
import type { InterferenceReport } from "../../protocol/report";
import type { Arguments } from "../arguments";
import { chosenMergeSet } from "../chosenMergeSet";
import { withEngine } from "../engineSession";
import { ProgressDisplay } from "../progressDisplay";
import { reportCsv } from "../../engine/stats/reportCsv";
import { reportTable } from "../reportTable";
import type { Terminal } from "../terminal";
import { checkWritable, writeWhole } from "../writeWhole";

const STANDARD_OUTPUT = "-";

const FORMATS = {
  json: (report: InterferenceReport): string => `${JSON.stringify(report, null, 2)}\n`,
  csv: reportCsv,
} as const;

export async function runInspect(args: Arguments, terminal: Terminal): Promise<number> {
  const outputs = readOutputs(args);
  const set = await chosenMergeSet(args);
  for (const { file } of outputs) if (file !== STANDARD_OUTPUT) checkWritable(file, args.has("overwrite"));
  const quiet = args.has("quiet");
  const display = new ProgressDisplay(terminal.messages, quiet);
  const report = await withEngine(args, async (engine) => {
    return await engine.inspect({ set }, { signal: terminal.signal, progress: (progress) => display.update(progress) });
  }).finally(() => display.clear());
  if (outputs.length === 0) terminal.print(reportTable(report));
  for (const { format, file } of outputs) {
    const text = FORMATS[format](report);
    if (file === STANDARD_OUTPUT) terminal.print(text);
    else {
      await writeWhole(file, text);
      if (!quiet) terminal.note(`Wrote ${file}`);
    }
  }
  return 0;
}

function readOutputs(args: Arguments): { format: keyof typeof FORMATS; file: string }[] {
  const outputs = (["json", "csv"] as const).flatMap((format) => {
    const file = args.text(format);
    return file === undefined ? [] : [{ format, file }];
  });
  const [first, second] = outputs;
  if (first && first.file === second?.file) throw args.error("--json and --csv cannot both be written to one place");
  return outputs;
}
