/** One merge from opened checkpoints to the finished output. */
import { createHash } from "node:crypto";
import { version } from "../../package.json";
import { BYTES_OF } from "../engine/kernels/chunkReader";
import { kernelsName } from "../engine/kernels/chooseKernels";
import { isFloatDtype } from "../engine/plan/matchTensors";
import type { OutputPlan } from "../engine/plan/outputPlan";
import { resolvedRecipe } from "../engine/plan/resolvedRecipe";
import { formatBytes } from "../engine/units";
import { freeBytes } from "../io/diskSpace";
import { checkOutputPlace, isBareFile } from "../io/outputChecks";
import { beginOutput, type OutputTransaction } from "../io/outputTransaction";
import type { Factoring, MergePlanSummary, MergeProgress, MergeResult, OutputChoice } from "../protocol/engineApi";
import { WriteBehind } from "../io/writeBehind";
import { MergeError } from "../protocol/errors";
import type { ErrorCode } from "../protocol/errorText";
import type { CallContext } from "../protocol/rpc";
import type { Stretch, StretchResult } from "./computeApi";
import { fisherBytesRead, weighByFisher } from "./fisherCoefficients";
import { writeFactored } from "./factoredOutput";
import { factoredWork, largestFactored } from "./factoredRun";
import { FileSink } from "./fileCache";
import { companionsOf, outputNotes, outputPlanOf, ownFiles, writeSmallFiles } from "./mergeFiles";
import { measuredBytes, measureTensors } from "./measuredCoefficients";
import { MergeJournal } from "./mergeJournal";
import type { ComputePool } from "./pool";
import { inputCheckpoints, inputIdentity, type PreparedSet } from "./preparedSet";
import { passesOf, processTensors, workBytes } from "./process";
import { ProgressReporter } from "./progress";
import { isSolved, largestLayer, mergeByRegmean, regmeanBytes, withoutSolved } from "./regmeanRun";
import { ReportBuilder } from "./report";
import { Run } from "./run";
import { carryTensors, copyShared, keepRows, unmergedBytes, type PlaceOf } from "./unmergedTensors";

/** Checks the output's place and room, and says what a merge would do. */
export function planMerge(prepared: PreparedSet, output: OutputChoice, memoryLimit: number): MergePlanSummary {
  const plan = outputPlanOf(prepared, output);
  checkOutputPlace({ ...output, inputs: inputPaths(prepared) });
  const free = freeBytes(output.out);
  if (free < plan.bytes && !output.resume) {
    throw new MergeError("disk-too-small", {
      where: output.out,
      needed: formatBytes(plan.bytes),
      free: formatBytes(free),
    });
  }
  const merged = prepared.tensors.filter(({ kind }) => kind === "merge");
  return {
    out: output.out,
    mergedTensors: merged.length,
    carriedTensors: prepared.tensors.length - merged.length,
    parameters: merged.reduce((sum, { elements }) => sum + elements, 0),
    inputBytes: inputIdentity(prepared).reduce((sum, { size }) => sum + size, 0),
    outputBytes: plan.bytes,
    freeBytes: free,
    memoryBytes: prepared.memory.estimate,
    memoryLimit,
    layer: largestLayer(prepared) ?? largestFactored(prepared),
    threads: prepared.memory.threads,
    kernels: kernelsName(process.env.TIES_MERGE_KERNELS),
    shards: plan.shards.map(({ file, tensors, bytes }) => ({ file, tensors: tensors.length, bytes })),
    companions: isBareFile(output.out)
      ? []
      : [...companionsOf(prepared).map(({ name }) => name), ...ownFiles(prepared)],
    passes: passesOf(prepared, false),
    recipe: resolvedRecipe(prepared.set),
    notes: [...outputNotes(output), ...prepared.notes],
  };
}

/** What a run of the same inputs and recipe would be refused for again: nothing is kept to resume. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>([
  "non-finite",
  "result-overflow",
  "weights-cancel",
  "task-vectors-cancel",
  "carried-differs",
  "fisher-value",
  "gram-value",
  "gram-not-symmetric",
  "gram-not-positive-definite",
]);

const isRefusal = (error: unknown): boolean => error instanceof MergeError && REFUSALS.has(error.code);

const inputPaths = (prepared: PreparedSet): string[] =>
  inputCheckpoints(prepared).flatMap(({ folder, files }) => [folder, ...files]);

export async function runMerge(
  prepared: PreparedSet,
  output: OutputChoice,
  statistics: boolean,
  pool: ComputePool,
  context: CallContext<MergeProgress>,
): Promise<MergeResult> {
  return new MergeRun(prepared, output, statistics && prepared.base !== null, pool, context).run();
}

class MergeRun {
  private readonly plan: OutputPlan;
  private readonly run_: Run;
  private readonly progress: ProgressReporter;
  private readonly report: ReportBuilder | null;
  private readonly behind = new WriteBehind();
  private files: string[] = [];
  private replaced = 0;
  private baseNonFinite = 0;
  private resumedTensors = 0;
  private factoring: Factoring | null = null;

  constructor(
    private readonly prepared: PreparedSet,
    private readonly output: OutputChoice,
    statistics: boolean,
    private readonly pool: ComputePool,
    private readonly context: CallContext<MergeProgress>,
  ) {
    this.plan = outputPlanOf(prepared, output);
    this.run_ = new Run(pool, prepared);
    this.report = statistics ? new ReportBuilder(prepared) : null;
    const total =
      unmergedBytes(prepared) +
      workBytes(statistics ? prepared : withoutSolved(prepared), statistics) +
      (prepared.factors && statistics ? workBytes(prepared, false) : 0) +
      fisherBytesRead(prepared) +
      measuredBytes(prepared) +
      regmeanBytes(prepared) +
      factoredWork(prepared);
    this.progress = new ProgressReporter(total, context.progress);
  }

  async run(): Promise<MergeResult> {
    const { prepared, output } = this;
    this.progress.send(0);
    const transaction = beginOutput({
      out: output.out,
      overwrite: output.overwrite,
      resume: output.resume,
      inputs: inputPaths(prepared),
      fingerprint: this.fingerprint(),
    });
    try {
      const report = (done: number): void => this.progress.send(done);
      await this.run_.during(this.context.signal, report, () => this.writeWeights(transaction));
      this.progress.phase = "finish";
      this.progress.send(this.run_.done);
      await this.behind.settle();
      await this.pool.onAll("release", null);
      const result = this.report?.build() ?? null;
      if (!isBareFile(output.out)) {
        writeSmallFiles(prepared, this.plan, transaction, {
          nonFinite: this.replaced,
          baseNonFinite: this.baseNonFinite,
          factoring: this.factoring,
        });
      }
      transaction.commit();
      return {
        out: output.out,
        files: this.plan.shards.map(({ file }) => file),
        bytes: this.plan.bytes,
        seconds: this.progress.seconds,
        resumedTensors: this.resumedTensors,
        nonFinite: this.replaced,
        baseNonFinite: this.baseNonFinite,
        report: result,
        factoring: this.factoring,
      };
    } catch (error) {
      await this.behind.settle().catch(() => undefined);
      await this.pool.onAll("release", null).catch(() => undefined);
      if (isRefusal(error)) transaction.discard();
      else transaction.abandon();
      throw error;
    }
  }

  private fingerprint(): string {
    const facts = { recipe: resolvedRecipe(this.prepared.set), files: inputIdentity(this.prepared), version };
    const layout = this.plan.shards.map(({ file, layout: { header } }) => [
      file,
      Buffer.from(header).toString("base64"),
    ]);
    return createHash("sha256")
      .update(JSON.stringify([facts, layout]))
      .digest("hex");
  }

  private async writeWeights(transaction: OutputTransaction): Promise<void> {
    this.files = this.plan.shards.map(({ file, layout }) => {
      const path = transaction.createFile(file, layout.size);
      const sink = new FileSink(path);
      sink.write(0, layout.header);
      sink.close();
      return path;
    });
    const journal = new MergeJournal(transaction);
    const onStart = (name: string): void => void (this.progress.tensor = name);
    if (this.prepared.factors) {
      await measureTensors(this.prepared, this.run_, onStart);
      const place = (name: string) => this.fileAt(name);
      const onPhase = (phase: "trim" | "merge", tensor: string): void =>
        void Object.assign(this.progress, { phase, tensor });
      const written = await writeFactored(this.prepared, this.run_, {
        journal,
        behind: this.behind,
        place,
        onStart: onPhase,
      });
      this.addNonFinite([written]);
      this.resumedTensors += written.resumed;
      this.factoring = written.factoring;
      if (!this.report) return;
    }
    const place: PlaceOf = ({ name }) => this.fileAt(name);
    // They come first: whether they agree is soon known.
    if (!this.prepared.factors) {
      await carryTensors(this.prepared, this.run_, place, onStart);
      await keepRows(this.prepared, this.run_, place, onStart);
    }
    const { tensors } = this.prepared;
    await weighByFisher(this.prepared, this.run_, (tensor) => (this.progress.tensor = tensor));
    if (!this.prepared.factors) await measureTensors(this.prepared, this.run_, onStart);
    const solved = (tensor: number): boolean => this.prepared.factors !== null || isSolved(this.prepared, tensor);
    await this.solveLayers(journal);
    const left = this.report ? this.prepared : withoutSolved(this.prepared);
    await processTensors(left, this.run_, {
      output: (tensor) => (solved(tensor) ? null : this.placeOf(tensor)),
      statistics: this.report !== null,
      finished: (tensor, stretch) => {
        if (solved(tensor)) return undefined;
        const found = this.finishedStretch(journal, tensor, stretch);
        // What a run without statistics finished has no tally: then it is merged again.
        return this.report && !found?.result.tally ? undefined : found;
      },
      onResumed: () => this.resumedTensors++,
      knownRules: (first) => journal.rulesOf(tensors[first].name),
      onRules: (first, rules) => journal.noteRules(tensors[first].name, rules),
      onStretch: (tensor, stretch, result, zeroSign) => {
        if (!solved(tensor)) this.noteStretch(journal, tensor, stretch, result, zeroSign);
      },
      onTensor: (tensor, results, rules) => {
        if (!solved(tensor)) this.addNonFinite(results);
        this.report?.add(
          tensor,
          results.map(({ tally }) => tally),
          rules,
        );
      },
      onStart: (phase, tensor) => {
        this.progress.phase = phase;
        this.progress.tensor = tensors[tensor].name;
      },
    });
    if (!this.prepared.factors) await copyShared(this.prepared, this.run_, place);
  }

  /** RegMean: the weights that come out of a linear system. */
  private async solveLayers(journal: MergeJournal): Promise<void> {
    await mergeByRegmean(this.prepared, this.run_, {
      output: (tensor) => this.placeOf(tensor),
      finished: (tensor, stretch) => this.finishedStretch(journal, tensor, stretch)?.result,
      onResumed: () => this.resumedTensors++,
      onStretch: (tensor, stretch, result) => this.noteStretch(journal, tensor, stretch, result, 1),
      onTensor: (_, results) => this.addNonFinite(results),
      onStart: (tensor) => {
        this.progress.phase = "merge";
        this.progress.tensor = this.prepared.tensors[tensor].name;
      },
    });
  }

  private addNonFinite(results: readonly Pick<StretchResult, "replaced" | "baseNonFinite">[]): void {
    for (const { replaced, baseNonFinite } of results) {
      this.replaced += replaced;
      this.baseNonFinite += baseNonFinite;
    }
  }

  private finishedStretch(
    journal: MergeJournal,
    tensor: number,
    { start, count }: Stretch,
  ): { result: StretchResult; zeroSign: 1 | -1 } | undefined {
    const { file, offset, dtype } = this.placeOf(tensor);
    const size = BYTES_OF[dtype];
    const { name } = this.prepared.tensors[tensor];
    return journal.finished(name, start, file, offset + start * size, count * size);
  }

  private noteStretch(
    journal: MergeJournal,
    tensor: number,
    { start, count }: Stretch,
    result: StretchResult,
    zeroSign: 1 | -1,
  ): void {
    const { file, dtype } = this.placeOf(tensor);
    this.behind.wrote(file, count * BYTES_OF[dtype]);
    journal.noteStretch(this.prepared.tensors[tensor].name, start, result, zeroSign);
  }

  private placeOf(tensor: number): { file: string; offset: number; dtype: keyof typeof BYTES_OF } {
    const { name, outDtype } = this.prepared.tensors[tensor];
    if (!isFloatDtype(outDtype)) throw new MergeError("internal", { where: name, message: "no place" });
    return { ...this.fileAt(name), dtype: outDtype };
  }

  private fileAt(name: string): { file: string; offset: number } {
    const place = this.plan.places.get(name);
    if (!place) throw new MergeError("internal", { where: name, message: "no place" });
    return { file: this.files[place.shard], offset: place.offset };
  }
}
