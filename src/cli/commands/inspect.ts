/** `ties-merge inspect`: the interference report as a table, JSON or CSV. */
import type { InterferenceReport } from "../../protocol/report";
import type { Arguments } from "../arguments";
import { chosenMergeSet } from "../chosenMergeSet";
import { noteKernels, withEngine } from "../engineSession";
import { jsonText } from "../jsonText";
import { noteAll } from "../noteAll";
import { ProgressDisplay } from "../progressDisplay";
import { reportCsv } from "../../engine/stats/reportCsv";
import { reportTable } from "../reportTable";
import type { Terminal } from "../terminal";
import { checkWritable, writeWhole } from "../writeWhole";

const STANDARD_OUTPUT = "-";

const FORMATS = {
  json: jsonText,
  csv: (report: InterferenceReport): string[] => [reportCsv(report)],
} as const;

export async function runInspect(args: Arguments, terminal: Terminal): Promise<number> {
  const outputs = readOutputs(args);
  const set = await chosenMergeSet(args, terminal);
  const inputs = [...(set.base === null ? [] : [set.base]), ...set.models.map(({ path }) => path), ...args.positionals];
  for (const { file } of outputs) {
    if (file !== STANDARD_OUTPUT) checkWritable(file, { overwrite: args.has("overwrite"), inputs });
  }
  const quiet = args.has("quiet");
  const display = new ProgressDisplay(terminal.messages, quiet);
  const report = await withEngine(args, async (engine) => {
    if (!quiet) noteKernels(engine, terminal);
    return await engine.inspect({ set }, { signal: terminal.signal, progress: (progress) => display.update(progress) });
  }).finally(() => display.clear());
  if (!quiet) noteAll(report.notes, terminal);
  if (outputs.length === 0) terminal.print(reportTable(report));
  for (const { format, file } of outputs) {
    const parts = FORMATS[format](report);
    if (file === STANDARD_OUTPUT) for (const part of parts) terminal.print(part);
    else {
      await writeWhole(file, parts);
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
