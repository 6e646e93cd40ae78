/**
 * The way through adapters that are merged by what they change: each module's ΔW is merged in shared memory, then
 * factored by one worker. As many modules are under way as there are workers.
 */
import { majoritySign } from "../engine/merge/elect";
import { factoringBytes } from "../engine/merge/svdMemory";
import type { TrimRule } from "../engine/merge/trim";
import type { FactorShapes } from "../engine/plan/adapterChanges";
import { columnsOf } from "../engine/format/peft/adaptModel";
import { MergeError } from "../protocol/errors";
import { electsSigns, keepsLargest } from "../protocol/mergeSet";
import type { FactorJob, FactorOutput, JobBase, OutputPosition, StretchResult } from "./computeApi";
import type { PreparedSet } from "./preparedSet";
import { processTensors, type ProcessHooks } from "./process";
import type { Run } from "./run";
import { rulesOfTensor, trimRulesOfUnit } from "./trimUnit";

/** What became of one module. */
export interface FactoredTensor {
  /** ‖M‖² and ‖M − B·A‖². */
  squares: { whole: number; rest: number };
  elected: StretchResult["elected"];
  replaced: number;
  baseNonFinite: number;
  zeroSign: 1 | -1;
}

export interface FactoredHooks {
  /** Where a factor is written, by its name. */
  output: (name: string) => { file: string; offset: number };
  /** A module that an earlier run finished, or undefined. */
  finished: (tensor: number) => FactoredTensor | undefined;
  /** Rules of a unit that an earlier run found, and those that this one finds; the unit's first tensor names it. */
  knownRules: (firstTensor: number) => TrimRule[] | undefined;
  onRules: (firstTensor: number, rules: TrimRule[]) => void;
  onTensor: (tensor: number, results: [a: StretchResult, b: StretchResult], zeroSign: 1 | -1) => void;
  onStart: (phase: "trim" | "merge", tensor: number) => void;
}

/** Passes over ΔW that progress counts for factoring. */
const FACTOR_PASSES = 8;

const bytesOf = ({ elements, wide }: { elements: number; wide: boolean }): number => elements * (wide ? 8 : 4);

/** What the largest modules need in memory beside `--memory`, one a worker; null where nothing is factored. */
export function largestFactored({
  factors,
  tensors,
  set,
  memory,
}: PreparedSet): { tensor: string; bytes: number } | null {
  if (!factors) return null;
  const needs = tensors.map((tensor) => ({
    tensor: tensor.name,
    bytes: bytesOf(tensor) + factoringBytes(tensor.shape[0], columnsOf(tensor.shape), set.rank ?? 1),
  }));
  needs.sort((one, other) => other.bytes - one.bytes);
  const bytes = needs.slice(0, memory.threads).reduce((sum, need) => sum + need.bytes, 0);
  return { tensor: needs[0].tensor, bytes };
}

/** What progress counts for factoring all modules. */
export const factoredWork = ({ factors, tensors }: PreparedSet): number =>
  factors ? tensors.reduce((sum, tensor) => sum + FACTOR_PASSES * bytesOf(tensor), 0) : 0;

/** Merges and factors every module; in the order of the tensors. */
export async function mergeFactored(prepared: PreparedSet, run: Run, hooks: FactoredHooks): Promise<FactoredTensor[]> {
  return new FactoredMerge(prepared, run, hooks).run();
}

class FactoredMerge {
  private readonly results: FactoredTensor[] = [];
  private readonly unitRules = new Map<number, { rules: TrimRule[]; unit: PreparedSet["units"][number] }>();

  constructor(
    private readonly prepared: PreparedSet,
    private readonly context: Run,
    private readonly hooks: FactoredHooks,
  ) {}

  async run(): Promise<FactoredTensor[]> {
    const { prepared } = this;
    for (const unit of prepared.units) await this.findRules(unit);
    await this.mergeAll(
      prepared.tensors.map((_, tensor) => tensor),
      1,
      true,
    );
    // As in every merge: where kept entries cancel, the sign of the whole model's majority, known at the end.
    const { method, rules } = prepared.set;
    if (electsSigns(method) && rules.zeroSign === "majority") {
      const count = (of: "positive" | "negative"): number =>
        this.results.reduce((sum, { elected }) => sum + elected[of], 0);
      const sign = majoritySign(count("positive"), count("negative"));
      const wrong = this.results.flatMap(({ elected, zeroSign }, tensor) =>
        elected.cancelled > 0 && zeroSign !== sign ? [tensor] : [],
      );
      await this.mergeAll(wrong, sign, false);
    }
    return this.results;
  }

  /** Thresholds that several tensors share; those of a tensor by itself are found when it is merged. */
  private async findRules(unit: PreparedSet["units"][number]): Promise<void> {
    if (unit.tensors.length < 2 || !keepsLargest(this.prepared.set.method)) return;
    const [first] = unit.tensors;
    this.hooks.onStart("trim", first);
    let rules = this.hooks.knownRules(first);
    if (!rules) {
      rules = await trimRulesOfUnit(this.prepared, unit, this.context);
      this.hooks.onRules(first, rules);
    }
    for (const tensor of unit.tensors) this.unitRules.set(tensor, { rules, unit });
  }

  private async mergeAll(tensors: number[], zeroSign: 1 | -1, resume: boolean): Promise<void> {
    const left = [...tensors];
    const lane = async (): Promise<void> => {
      for (let tensor = left.shift(); tensor !== undefined; tensor = left.shift()) {
        const finished = resume ? this.hooks.finished(tensor) : undefined;
        this.results[tensor] = finished ?? (await this.mergeTensor(tensor, zeroSign));
      }
    };
    await this.context.all(Array.from({ length: this.prepared.memory.threads }, lane));
  }

  private async mergeTensor(tensor: number, zeroSign: 1 | -1): Promise<FactoredTensor> {
    const { wide, elements, kind } = this.prepared.tensors[tensor];
    const memory = new SharedArrayBuffer(bytesOf({ elements, wide }));
    const output: OutputPosition = { file: "", offset: 0, dtype: wide ? "F64" : "F32", memory };
    const merged = { elected: { positive: 0, negative: 0, cancelled: 0 }, replaced: 0, baseNonFinite: 0 };
    const known = this.unitRules.get(tensor);
    const rules = known && rulesOfTensor(this.prepared, known.unit, known.rules, tensor);
    const hooks: ProcessHooks = {
      output: () => output,
      statistics: false,
      zeroSign,
      knownRules: () => rules,
      onTensor: (_, results) => {
        for (const { elected, replaced, baseNonFinite } of results) {
          merged.elected.positive += elected.positive;
          merged.elected.negative += elected.negative;
          merged.elected.cancelled += elected.cancelled;
          merged.replaced += replaced;
          merged.baseNonFinite += baseNonFinite;
        }
      },
      onStart: (phase) => this.hooks.onStart(phase, tensor),
    };
    // What is left out is the base's: no change.
    if (kind === "merge") await processTensors(this.alone(tensor), this.context, hooks);
    const [a, b] = await this.context.submit("factor", () => this.jobOf(tensor, memory));
    this.hooks.onTensor(tensor, [{ ...a, ...merged }, b], zeroSign);
    return { squares: a.squares ?? { whole: 0, rest: 0 }, ...merged, zeroSign };
  }

  /** The set with this tensor alone as work. */
  private alone(tensor: number): PreparedSet {
    const { prepared } = this;
    const { elements, wide } = prepared.tensors[tensor];
    const { densities } = prepared.parameters[tensor];
    return { ...prepared, units: [{ tensors: [tensor], densities, elements, wide }] };
  }

  private jobOf(tensor: number, matrix: SharedArrayBuffer): Omit<FactorJob, keyof JobBase> {
    const { name, shape, elements, wide } = this.prepared.tensors[tensor];
    const { a, b } = factorsOf(this.prepared, tensor);
    return {
      ...{ name, matrix, wide, rows: shape[0], columns: columnsOf(shape), rank: a.shape[0] },
      ...{ a: this.outputOf(a, tensor), b: this.outputOf(b, tensor) },
      work: FACTOR_PASSES * bytesOf({ elements, wide }),
    };
  }

  private outputOf({ name, shape }: FactorShapes["a"], tensor: number): FactorOutput {
    const dtype = factorDtype(this.prepared, tensor);
    return { name, shape, position: { ...this.hooks.output(name), dtype } };
  }
}

/** The factors that a change is written as. */
export function factorsOf({ factors, tensors }: PreparedSet, tensor: number): FactorShapes {
  const found = factors?.get(tensors[tensor].name);
  if (!found) throw new MergeError("internal", { where: tensors[tensor].name, message: "no factors" });
  return found;
}

export function factorDtype({ tensors, set }: PreparedSet, tensor: number): OutputPosition["dtype"] {
  const { template, name } = tensors[tensor];
  const dtype = set.outDtype ?? template.computed?.stored;
  if (!dtype) throw new MergeError("internal", { where: name, message: "no dtype" });
  return dtype;
}
