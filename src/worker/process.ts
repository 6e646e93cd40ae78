/**
 * The way through all merged tensors: trims, merges and counts, on all workers. A tensor of usual size is trimmed and
 * merged by one of them; larger units are trimmed first, by all together.
 */
import { majoritySign } from "../engine/merge/elect";
import { KEEP_ALL, type TrimRule } from "../engine/merge/trim";
import { isGuessed, sampleGroups, SMALL_SAMPLE } from "../engine/plan/sampleBlocks";
import type { TensorParameters } from "../engine/plan/tensorParameters";
import { batch, inputBytesPerElement, JOB_BYTES, segmentsOf, type TrimUnit } from "../engine/plan/workPlan";
import { electsSigns, keepsLargest, keepsShare, keepsVaried } from "../protocol/mergeSet";
import type { MergeSet, Method } from "../protocol/mergeSet";
import type { JobBase, MergeItem, MergeJob, OutputPosition, Stretch, StretchResult } from "./computeApi";
import type { Urgency } from "./pool";
import { drawnRules, inputsOf, type PreparedSet } from "./preparedSet";
import type { Run } from "./run";
import { sceEqualBelow } from "./sceRules";
import { gammaOf, rulesOfTensor, trimPasses, trimRulesOfUnit } from "./trimUnit";

export interface ProcessHooks {
  /** Where a tensor is written; null: statistics only. */
  output: ((tensor: number) => OutputPosition | null) | null;
  statistics: boolean;
  /** The sign for cancelled entries, where it is not that of the majority among these tensors. */
  zeroSign?: 1 | -1;
  /** A stretch that an earlier run finished, with the sign that it gave to cancelled entries; or undefined. */
  finished?: (tensor: number, stretch: Stretch) => { result: StretchResult; zeroSign: 1 | -1 } | undefined;
  /** All of a tensor had been finished by an earlier run. */
  onResumed?: (tensor: number) => void;
  /** Rules that an earlier run found for a unit, which its first tensor names. */
  knownRules?: (firstTensor: number) => TrimRule[] | undefined;
  /** Rules of a unit are found; called before any of its stretches is told to be done. */
  onRules?: (firstTensor: number, rules: TrimRule[]) => void;
  onStretch?: (tensor: number, stretch: Stretch, result: StretchResult, zeroSign: 1 | -1) => void;
  /** All stretches of a tensor are done; results in their order. */
  onTensor?: (tensor: number, results: StretchResult[], rules: TrimRule[]) => void;
  /** A tensor is about to be worked on; for progress. */
  onStart?: (phase: "trim" | "merge", tensor: number) => void;
}

/** Whether the method, or statistics of it, need thresholds that are found in the weights. */
const searchesRules = (method: Method, statistics: boolean): boolean =>
  keepsLargest(method) || keepsVaried(method) || (statistics && !keepsShare(method));

/** Bytes of input that `processTensors` will go through, for progress. */
export function workBytes({ set, tensors, units }: PreparedSet, statistics: boolean): number {
  const bytesOf = (unit: TrimUnit): number =>
    unit.tensors.reduce((sum, index) => sum + tensors[index].elements * inputBytesPerElement(tensors[index]), 0);
  return units.reduce((sum, unit) => sum + bytesOf(unit) * passesOfUnit(unit, set, statistics), 0);
}

/** Passes over the files that the largest unit takes. */
export function passesOf({ set, units }: PreparedSet, statistics: boolean): number {
  return Math.max(1, ...units.map((unit) => passesOfUnit(unit, set, statistics)));
}

function passesOfUnit(unit: TrimUnit, set: MergeSet, statistics: boolean): number {
  return searchesRules(set.method, statistics) ? 1 + trimPasses(unit, set) : 1;
}

/**
 * Works through all merged tensors. Entries that cancel get the sign that the model's majority has so far; with
 * `zero_sign: majority`, stretches where that turned out otherwise are merged again at the end.
 */
export async function processTensors(prepared: PreparedSet, run: Run, hooks: ProcessHooks): Promise<void> {
  await new TensorProcess(prepared, run, hooks).run();
}

/** A tensor of up to so many entries is one worker's, if there are enough of them to go round. */
const ONE_WORKERS_ELEMENTS = 1 << 22;
/** What each worker should have at least, in units of the largest tensor that is one worker's. */
const ROUNDS = 4;

/** Whether one worker trims and merges the unit; otherwise all work on it together. */
function isOneWorkers({ tensors, memory }: PreparedSet, unit: TrimUnit): boolean {
  if (unit.tensors.length !== 1) return false;
  const bytes = unit.elements * inputBytesPerElement(tensors[unit.tensors[0]]);
  if (bytes <= JOB_BYTES) return true;
  const all = tensors.reduce((sum, { kind, elements }) => sum + (kind === "merge" ? elements : 0), 0);
  return unit.elements <= Math.min(ONE_WORKERS_ELEMENTS, all / (ROUNDS * memory.threads));
}

/** Shared units that are worked on at the same time. */
const UNITS_AT_A_TIME = 2;

interface Task {
  tensor: number;
  rules: TrimRule[] | null;
  stretches: Stretch[];
}

class TensorProcess {
  private readonly needsRules: boolean;
  private readonly majority: boolean;
  private positive = 0;
  private negative = 0;
  private readonly toRedo: { task: Task; zeroSign: 1 | -1 }[] = [];
  private readonly results = new Map<number, (StretchResult | undefined)[]>();

  constructor(
    private readonly prepared: PreparedSet,
    private readonly context: Run,
    private readonly hooks: ProcessHooks,
  ) {
    this.needsRules = keepsShare(prepared.set.method) || hooks.statistics;
    this.majority = electsSigns(prepared.set.method) && prepared.set.rules.zeroSign === "majority";
  }

  async run(): Promise<void> {
    const { prepared } = this;
    if (!searchesRules(prepared.set.method, this.hooks.statistics)) {
      const tensors = prepared.units.flatMap((unit) => unit.tensors);
      await this.merge(tensors.map((tensor) => this.taskOf(tensor, drawnRules(prepared, tensor))));
      await this.redoCancelled();
      return;
    }
    const shared = prepared.units.filter((unit) => !isOneWorkers(prepared, unit));
    const whole = prepared.units
      .filter((unit) => isOneWorkers(prepared, unit))
      .map((unit) => this.taskOf(unit.tensors[0], this.hooks.knownRules?.(unit.tensors[0]) ?? null));
    // Between the passes over a shared unit workers would wait: the next one, and tensors of one worker, fill the gaps.
    const lanes = Array.from({ length: UNITS_AT_A_TIME }, () => this.mergeShared(shared));
    await this.context.all([...lanes, this.merge(whole, "filler")]);
    await this.redoCancelled();
  }

  /** Takes units from `left` until there are none. */
  private async mergeShared(left: TrimUnit[]): Promise<void> {
    for (let unit = left.shift(); unit; unit = left.shift()) {
      const current = unit;
      const rules = await this.rulesOf(current);
      await this.merge(
        current.tensors.map((tensor) => this.taskOf(tensor, rulesOfTensor(this.prepared, current, rules, tensor))),
      );
    }
  }

  private async rulesOf(unit: TrimUnit): Promise<TrimRule[]> {
    const known = this.hooks.knownRules?.(unit.tensors[0]);
    if (known) return known;
    this.hooks.onStart?.("trim", unit.tensors[0]);
    const rules = await trimRulesOfUnit(this.prepared, unit, this.context);
    this.hooks.onRules?.(unit.tensors[0], rules);
    return rules;
  }

  private taskOf(tensor: number, rules: TrimRule[] | null): Task {
    const { elements } = this.prepared.tensors[tensor];
    return { tensor, rules, stretches: segmentsOf(tensor, elements) };
  }

  /** Merges tensors; those whose rules are known are cut at their segments, the others stay whole. */
  private async merge(tasks: readonly Task[], urgency?: Urgency): Promise<void> {
    const parts: Task[] = [];
    for (const task of tasks) {
      this.results.set(
        task.tensor,
        task.stretches.map(() => undefined),
      );
      const left = task.stretches.filter((stretch) => !this.takeFinished(task, stretch));
      if (left.length === 0) {
        if (task.stretches.length > 0) this.hooks.onResumed?.(task.tensor);
        this.finishTensor(task, task.rules ?? this.prepared.models.map(() => KEEP_ALL));
      } else if (task.rules || !this.needsRules)
        parts.push(...left.map((stretch) => ({ ...task, stretches: [stretch] })));
      else parts.push({ ...task, stretches: left });
    }
    await this.context.all(this.jobs(parts).map((part) => this.mergeJob(part, urgency)));
  }

  /** Parts that one job takes together: of a job, all tensors have the same parameters. */
  private jobs(parts: readonly Task[]): Task[][] {
    const { parameters } = this.prepared;
    const alike = new Map<TensorParameters, Task[]>();
    for (const part of parts) {
      const group = alike.get(parameters[part.tensor]);
      if (group) group.push(part);
      else alike.set(parameters[part.tensor], [part]);
    }
    return [...alike.values()].flatMap((group) => batch(group, (task) => this.bytesOf(task)));
  }

  private bytesOf({ tensor, stretches }: Task): number {
    const entries = stretches.reduce((sum, { count }) => sum + count, 0);
    return entries * inputBytesPerElement(this.prepared.tensors[tensor]);
  }

  private takeFinished(task: Task, stretch: Stretch): boolean {
    // Statistics tell the threshold too: without the rules, the tensor is merged again.
    if (this.hooks.statistics && !task.rules) return false;
    const finished = this.hooks.finished?.(task.tensor, stretch);
    if (!finished) return false;
    this.take(task, stretch, task.rules, finished.result, finished.zeroSign);
    return true;
  }

  private async mergeJob(tasks: readonly Task[], urgency?: Urgency): Promise<void> {
    let zeroSign: 1 | -1 = 1;
    const makeJob = (): Omit<MergeJob, keyof JobBase> => {
      zeroSign = this.zeroSign();
      return this.jobOf(tasks, zeroSign, this.hooks.statistics);
    };
    const results = await this.context.submit("merge", makeJob, urgency);
    tasks.forEach((task, at) => {
      const { rules, stretches } = results[at];
      if (rules && !task.rules) this.hooks.onRules?.(task.tensor, rules);
      task.stretches.forEach((stretch, index) => {
        const result = stretches[index];
        this.take(task, stretch, rules, result, zeroSign);
        this.hooks.onStretch?.(task.tensor, stretch, result, zeroSign);
      });
      this.finishTensor(task, rules ?? []);
    });
  }

  private take(
    { tensor }: Task,
    stretch: Stretch,
    rules: TrimRule[] | null,
    result: StretchResult,
    zeroSign: 1 | -1,
  ): void {
    if (this.majority && this.hooks.output && result.elected.cancelled > 0) {
      this.toRedo.push({ task: { tensor, rules, stretches: [stretch] }, zeroSign });
    }
    this.positive += result.elected.positive;
    this.negative += result.elected.negative;
    const results = this.results.get(tensor);
    const segment = segmentsOf(tensor, this.prepared.tensors[tensor].elements).findIndex(
      ({ start }) => start === stretch.start,
    );
    if (results) results[segment] = result;
  }

  private finishTensor({ tensor }: Task, rules: TrimRule[]): void {
    const results = this.results.get(tensor);
    if (!results || results.includes(undefined)) return;
    this.results.delete(tensor);
    this.hooks.onTensor?.(tensor, results as StretchResult[], rules);
  }

  private jobOf(tasks: readonly Task[], zeroSign: 1 | -1, statistics: boolean): Omit<MergeJob, keyof JobBase> {
    const { parameters, densities } = this.prepared.parameters[tasks[0].tensor];
    const { set } = this.prepared;
    const [gamma, equalBelow] = [gammaOf(set), sceEqualBelow(set)];
    const ties = parameters.rules.trimTies;
    const select = this.needsRules ? { densities, ties, gamma, sceEqualBelow: equalBelow } : null;
    return { items: tasks.map((task) => this.itemOf(task)), parameters, select, zeroSign, statistics };
  }

  private itemOf({ tensor, rules, stretches }: Task): MergeItem {
    this.hooks.onStart?.("merge", tensor);
    return {
      inputs: inputsOf(this.prepared, tensor, this.needsRules),
      stretches,
      rules,
      sample: this.sampleOf(tensor, rules),
      output: this.hooks.output?.(tensor) ?? null,
    };
  }

  private sampleOf(tensor: number, rules: TrimRule[] | null): MergeItem["sample"] {
    const { tensors, parameters } = this.prepared;
    const { elements, wide } = tensors[tensor];
    const unit = { tensors: [tensor], densities: parameters[tensor].densities, elements, wide };
    const guesses = this.needsRules && !keepsVaried(this.prepared.set.method);
    if (!guesses || rules || !isGuessed(unit)) return null;
    return sampleGroups(tensors, unit, SMALL_SAMPLE).map((group) => group.flatMap(({ stretches }) => stretches));
  }

  private zeroSign(): 1 | -1 {
    if (this.hooks.zeroSign) return this.hooks.zeroSign;
    return this.majority ? majoritySign(this.positive, this.negative) : 1;
  }

  private async redoCancelled(): Promise<void> {
    const sign = this.zeroSign();
    const tasks = this.toRedo.filter(({ zeroSign }) => zeroSign !== sign).map(({ task }) => task);
    await this.context.all(
      this.jobs(tasks).map(async (part) => {
        const results = await this.context.submit("merge", () => this.jobOf(part, sign, this.hooks.statistics));
        part.forEach(({ tensor, stretches }, at) =>
          this.hooks.onStretch?.(tensor, stretches[0], results[at].stretches[0], sign),
        );
      }),
    );
  }
}
