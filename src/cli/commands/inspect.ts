/** `ties-merge inspect`: the interference report as a table, JSON, CSV or one HTML file. */
import { resolve } from "node:path";
import { version } from "../../../package.json";
import type { EngineApi } from "../../protocol/engineApi";
import type { MergeSet } from "../../protocol/mergeSet";
import type { InterferenceReport } from "../../protocol/report";
import { unpackTensors } from "../../protocol/tensorTable";
import type { Arguments } from "../arguments";
import { chosenMergeSet } from "../chosenMergeSet";
import { noteKernels, withEngine } from "../engineSession";
import { jsonText } from "../jsonText";
import { noteAll } from "../noteAll";
import { ProgressDisplay } from "../progressDisplay";
import { reportCsv } from "../../protocol/reportCsv";
import { reportTable } from "../reportTable";
import type { Terminal } from "../terminal";
import { checkWritable, writeWhole } from "../../io/writeWhole";

const STANDARD_OUTPUT = "-";

const FORMATS = {
  json: jsonText,
  csv: (report: InterferenceReport): string[] => [reportCsv(report)],
} as const;

type Format = keyof typeof FORMATS | "html";

interface Output {
  format: Format;
  file: string;
}

export async function runInspect(args: Arguments, terminal: Terminal): Promise<number> {
  const outputs = readOutputs(args);
  const sample = args.parsed("sample", share, "a share of the entries above 0, such as 1% or 0.01, at most 100%");
  if (sample !== undefined && outputs.some(({ format }) => format === "html")) {
    throw args.error("--html shows exact figures and masks: leave out --sample");
  }
  const set = await chosenMergeSet(args, terminal);
  const inputs = [...(set.base === null ? [] : [set.base]), ...set.models.map(({ path }) => path), ...args.positionals];
  for (const { file } of outputs) {
    if (file !== STANDARD_OUTPUT) checkWritable(file, { overwrite: args.has("overwrite"), inputs });
  }
  const quiet = args.has("quiet");
  const display = new ProgressDisplay(terminal.messages, quiet);
  await withEngine(args, async (engine) => {
    if (!quiet) noteKernels(engine, terminal);
    const html = outputs.find(({ format }) => format === "html");
    const progress = display.update.bind(display);
    const report = html
      ? await reportWithPictures(engine, set, html.file, terminal, display)
      : await engine.inspect({ set, sample }, { signal: terminal.signal, progress });
    display.clear();
    if (!quiet) noteAll(report.notes, terminal);
    await writeOutputs(report, outputs, terminal, quiet);
  }).finally(() => display.clear());
  return 0;
}

/** The report, when the HTML file is complete: its pictures are computed while it is written. */
async function reportWithPictures(
  engine: EngineApi,
  set: MergeSet,
  file: string,
  { signal }: Terminal,
  display: ProgressDisplay,
): Promise<InterferenceReport> {
  const { htmlReport } = await import("../../worker/htmlReport");
  const silent = { signal, progress: (): void => undefined };
  const { id, files: _, ...inspection } = await engine.openInspection({ set }, silent);
  const progress = { signal, progress: display.update.bind(display) };
  const report = await engine.inspectionReport({ id }, progress);
  const parts = htmlReport(
    {
      inspection: { ...inspection, tensors: unpackTensors(inspection.tensors) },
      report,
      tile: (request) => engine.tile({ id, ...request }, silent),
      parameters: (request) => engine.parameters({ id, ...request }, silent),
    },
    {
      version,
      title: `Interference: ${set.models.map(({ name }) => name).join(", ")}`,
      language: "en",
      strings: {},
      signal,
      onTensor: (tensor, done, total) => display.update({ phase: "pictures", tensor, done, total }),
    },
  );
  await writeWhole(file, parts);
  await engine.closeInspection({ id }, silent);
  return report;
}

async function writeOutputs(
  report: InterferenceReport,
  outputs: readonly Output[],
  terminal: Terminal,
  quiet: boolean,
): Promise<void> {
  if (outputs.length === 0) terminal.print(reportTable(report));
  for (const { format, file } of outputs) {
    const parts = format === "html" ? [] : FORMATS[format](report);
    if (file === STANDARD_OUTPUT) for (const part of parts) terminal.print(part);
    else {
      if (format !== "html") await writeWhole(file, parts);
      if (!quiet) terminal.note(`Wrote ${file}`);
    }
  }
}

function share(text: string): number | undefined {
  const [, digits, percent] = /^(\d*\.?\d+)\s*(%?)$/.exec(text) ?? [];
  const value = Number(digits) / (percent ? 100 : 1);
  return value > 0 && value <= 1 ? value : undefined;
}

/** The same for two ways to write one path. */
const placeOf = (file: string): string => (file === STANDARD_OUTPUT ? file : resolve(file));

function readOutputs(args: Arguments): Output[] {
  const outputs = (["json", "csv", "html"] as const).flatMap((format): Output[] => {
    const file = args.text(format);
    return file === undefined ? [] : [{ format, file }];
  });
  for (const [at, { format, file }] of outputs.entries()) {
    const other = outputs.slice(0, at).find((before) => placeOf(before.file) === placeOf(file));
    if (other) throw args.error(`--${other.format} and --${format} cannot both be written to one place`);
    if (format === "html" && file === STANDARD_OUTPUT) throw args.error("--html needs the name of a file");
  }
  return outputs;
}
