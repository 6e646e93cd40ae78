/** The sample of an opened merge set: read once, when first asked for, and held until the inspection is closed. */
import { setImmediate } from "node:timers/promises";
import { chooseKernels } from "../engine/kernels/chooseKernels";
import type { Kernels } from "../engine/kernels/kernels";
import { hasWindow } from "../engine/merge/randomMask";
import type { TrimRule } from "../engine/merge/trim";
import { tensorParameters, type TensorParameters } from "../engine/plan/tensorParameters";
import { trimUnits } from "../engine/plan/workPlan";
import { DENSITIES, sampledCurves } from "../engine/sample/curves";
import { SampleEstimator } from "../engine/sample/estimator";
import { flatIndex, type HeldTensor } from "../engine/sample/heldSample";
import type { OnProblem, SampleSettings } from "../engine/sample/sampleCounts";
import type { SampleMasks } from "../engine/sample/sampleMasks";
import { heldBytesPerEntry, planSample, type SamplePlan } from "../engine/sample/samplePlan";
import { layerGroup } from "../protocol/layerGroup";
import type { SampleRequest } from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import { keepsRandom, keepsVaried, ranksEntries, type MergeSet, type TrimScope } from "../protocol/mergeSet";
import type { CallContext } from "../protocol/rpc";
import type { SampledCurves, SampleDepth, SampledReport } from "../protocol/sample";
import type { ComputePool } from "./pool";
import { positionOf } from "./position";
import type { PreparedSet } from "./preparedSet";
import { readSample } from "./readSample";
import { Run } from "./run";
import { sceEqualBelow } from "./sceRules";
import { shownOrder } from "./shownOrder";
import { gammaOf } from "./trimUnit";

type Request = Omit<SampleRequest, "id">;

interface Held {
  plan: SamplePlan;
  /** Indices of the matched tensors, in the order in which they are held: that of the shown ones. */
  order: readonly number[];
  /** Of the matched tensors, and where each is held; −1: not at all. */
  names: string[];
  places: Int32Array;
  estimator: SampleEstimator;
  /** Held tensors that share thresholds where all have the same densities, by the scope of trimming. */
  units: Map<TrimScope, readonly (readonly number[])[]>;
  /** Of the set as it was opened, once it was asked for. */
  trimming?: ReturnType<SampleEstimator["trimming"]>;
}

/** What the sample says of trimming. */
export interface SampledTrimming {
  /** By model. */
  rules(tensor: number): TrimRule[];
  zeroSign: 1 | -1;
  /** All entries are in the sample. */
  isExact: boolean;
}

/** After settings that moved the next move is likely to follow. */
const REST_MS = 800;
/** Memory that a sample takes at least, in entries: below the limit or not, a thousand cost nothing. */
const FEWEST_ENTRIES = 1 << 12;

export class InspectionSample {
  private held: Promise<Held> | null = null;
  /** Those asked for last. */
  private settings: string | null = null;
  /** Figures that are waited for: margins and curves stand still meanwhile. */
  private awaited: Promise<unknown> | null = null;

  constructor(
    private readonly prepared: PreparedSet,
    private readonly pool: ComputePool,
    /** Bytes that it may take. */
    private readonly bytes: number,
    private readonly closed: AbortSignal,
    /** Of all entries; null: as many as can be looked at many times a second. */
    private readonly share: number | null = null,
  ) {}

  /** While settings move, passes in the background rest. */
  report(request: Request & SampleDepth, context: Pick<CallContext, "signal">): Promise<SampledReport> {
    const settings = JSON.stringify([request.set, request.members]);
    const moves = this.settings !== null && settings !== this.settings;
    this.settings = settings;
    return this.pool.foreground.during(() => this.inTurn(request, context), moves ? REST_MS : 0);
  }

  private async inTurn(
    request: Request & SampleDepth,
    { signal }: Pick<CallContext, "signal">,
  ): Promise<SampledReport> {
    if (request.margins) return this.estimate(request, () => this.heardBehind(signal));
    const figures = this.estimate(request, () => heard(signal));
    const settled = figures.catch(() => undefined);
    this.awaited = settled;
    try {
      return await figures;
    } finally {
      if (this.awaited === settled) this.awaited = null;
    }
  }

  /** Lets figures that are waited for go first. */
  private async heardBehind(signal: AbortSignal): Promise<void> {
    await heard(signal);
    while (this.awaited) {
      await this.awaited;
      await heard(signal);
    }
  }

  private async estimate(
    { set, members, ...depth }: Request & SampleDepth,
    hear: () => Promise<void>,
  ): Promise<SampledReport> {
    const held = await this.open();
    await hear();
    const { plan, estimator } = held;
    const settings = this.settingsOf(held, set, members);
    return {
      models: members.length,
      entries: plan.entries,
      elements: plan.elements,
      bytesRead: plan.bytesRead,
      bytes: plan.bytes,
      tensors: depth.tensors,
      ...(await estimator.figures(settings, depth, hear)),
    };
  }

  /** By index of the matched tensors, of the set as it was opened. */
  async trimming(): Promise<SampledTrimming> {
    const held = await this.open();
    const { set } = this.prepared;
    const members = set.models.map((_, at) => at);
    held.trimming ??= held.estimator.trimming(this.settingsOf(held, set, members), () => heard(this.closed));
    // A failure is told to whoever asked, and the next one may try again.
    held.trimming.catch(() => (held.trimming = undefined));
    const { rules, zeroSign, isExact } = await held.trimming;
    return { rules: (tensor) => rules[held.places[tensor]] ?? [], zeroSign, isExact };
  }

  async curves(
    { set, members, layer }: Request & { layer: string | null },
    context: CallContext,
  ): Promise<SampledCurves> {
    const held = await this.open();
    const names = held.order.map((index) => this.prepared.tensors[index].name);
    const chosen = names.flatMap((name, at) =>
      layer === null || name.replaceAll("/", ".").startsWith(`${layer}.`) ? [at] : [],
    );
    const settingsFor = (densities: number | null, some: readonly number[]): SampleSettings =>
      this.settingsOf(
        held,
        withDensity(set, densities, some),
        some.map((t) => members[t]),
      );
    const curves = (): Promise<SampledCurves> =>
      sampledCurves(held.estimator, members.length, chosen, densitiesOf(set), settingsFor, () =>
        this.heardBehind(context.signal),
      );
    return this.pool.foreground.during(curves, 0);
  }

  private open(): Promise<Held> {
    if (this.closed.aborted) return Promise.reject(new MergeError("inspection-closed", { where: "" }));
    if (!this.held) {
      this.held = this.read();
      // A failure is told to whoever asked, and the next one may try again.
      this.held.catch(() => (this.held = null));
      this.closed.addEventListener("abort", () => (this.held = null), { once: true });
    }
    return this.held;
  }

  private async read(): Promise<Held> {
    const { prepared } = this;
    const order = shownOrder(prepared.tensors);
    const { method } = prepared.set;
    const isMasked = keepsRandom(method) || keepsVaried(method);
    const affordable = Math.floor(this.bytes / heldBytesPerEntry(prepared.models.length, isMasked));
    const most = Math.max(FEWEST_ENTRIES, affordable);
    const plan = planSample(prepared.tensors, most, this.share, ranksEntries(method));
    const byTensor = new Map(plan.tensors.map((sampled) => [sampled.tensor, sampled]));
    const items = order.flatMap((index) => {
      const sampled = byTensor.get(index);
      if (!sampled) return [];
      const { elements, wide, base, models } = prepared.tensors[index];
      return [{ sampled, elements, wide, refs: base ? [base, ...models] : models }];
    });
    const run = new Run(this.pool, prepared);
    const read = await run.during(
      this.closed,
      () => undefined,
      () => readSample(items, run),
    );
    const tensors = items.map(({ sampled }, at): HeldTensor => {
      const { inputs, ranks } = read[at];
      const [base, ...models] = inputs;
      const { tensor, entries, whole, blocks } = sampled;
      const { name, shape, elements, wide } = prepared.tensors[tensor];
      return { name, group: layerGroup(name), shape, elements, entries, whole, wide, base, models, blocks, ranks };
    });
    const choice = chooseKernels(process.env.TIES_MERGE_KERNELS);
    const kernels = new Map<number, Kernels>();
    const kernelsFor = (models: number): Kernels => {
      const known = kernels.get(models) ?? choice.kernelsFor(models);
      kernels.set(models, known);
      return known;
    };
    const places = new Int32Array(prepared.tensors.length).fill(-1);
    order.forEach((index, at) => (places[index] = at));
    const names = prepared.tensors.map(({ name }) => name);
    const units = new Map<TrimScope, readonly (readonly number[])[]>();
    return { plan, order, names, places, units, estimator: new SampleEstimator(tensors, kernelsFor, this.onProblem) };
  }

  private settingsOf(held: Held, set: Request["set"], members: readonly number[]): SampleSettings {
    const all = tensorParameters(set, held.names);
    return {
      rules: set.rules,
      members,
      units: this.unitsOf(held, set, all),
      parameters: held.order.map(
        (index) => this.prepared.adapted?.(held.names[index], all[index], members) ?? all[index],
      ),
      masks: masksOf(set),
    };
  }

  private unitsOf(
    { places, units }: Held,
    { slices, rules: { trimScope } }: Request["set"],
    all: readonly TensorParameters[],
  ): SampleSettings["units"] {
    const find = (densitiesOf: (tensor: number) => readonly number[]): SampleSettings["units"] =>
      trimUnits(this.prepared.tensors, trimScope, densitiesOf).map(({ tensors, densities }) => ({
        tensors: tensors.map((index) => places[index]),
        densities,
      }));
    if (slices || all.length === 0) return find((tensor) => all[tensor].densities);
    // Without slices all have the same densities, whichever these are: a slider moves those of ten thousand tensors.
    const [{ densities }] = all;
    const known = units.get(trimScope) ?? find(() => densities).map(({ tensors }) => tensors);
    units.set(trimScope, known);
    return known.map((tensors) => ({ tensors, densities }));
  }

  /** The same refusals as of the exact statistics, at the entry that was met. */
  private readonly onProblem: OnProblem = (tensor, entry, { nonFinite, weightSum }) => {
    const index = flatIndex(tensor, entry + (nonFinite ? nonFinite.index : weightSum));
    const where = { where: tensor.name, index, position: positionOf([...tensor.shape], index) };
    if (!nonFinite) throw new MergeError("weights-cancel", where);
    const { labels } = this.prepared;
    const input = nonFinite.model < 0 ? labels.base : labels.models[nonFinite.model];
    throw new MergeError("non-finite", { ...where, input });
  };
}

function masksOf(set: MergeSet): SampleMasks | null {
  if (keepsRandom(set.method)) return { kind: "drawn", seed: set.seed, epsilon: set.epsilon };
  const equalBelow = sceEqualBelow(set);
  if (equalBelow !== null) return { kind: "varied", equalBelow };
  const gamma = gammaOf(set);
  return gamma === null ? null : { kind: "band", gamma };
}

/** Those for which the method has probabilities. */
const densitiesOf = ({ epsilon }: MergeSet): readonly number[] =>
  epsilon === undefined ? DENSITIES : DENSITIES.filter((density) => hasWindow(density, epsilon));

/** The set with some of its models, all at one density (null: each at its own). */
function withDensity(set: Request["set"], density: number | null, some: readonly number[]): Request["set"] {
  const models = some.map((t) => ({ ...set.models[t], ...(density === null ? {} : { density }) }));
  const slices = set.slices?.map((slice) => ({
    ...slice,
    models: some.map((t) => ({ ...slice.models[t], ...(density === null ? {} : { density }) })),
  }));
  return { ...set, models, ...(slices ? { slices } : {}) };
}

/** Whatever came in the meantime is heard first: a slider that has moved on cancels what is computed. */
async function heard(signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (signal.aborted) throw new MergeError("cancelled", { where: "" });
}
