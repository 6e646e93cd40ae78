/** An opened merge set under inspection: exact statistics once, trim rules as they are needed, pictures of tensors. */
import { majoritySign } from "../engine/merge/elect";
import type { TrimRule } from "../engine/merge/trim";
import { isFloatDtype } from "../engine/plan/matchTensors";
import type { TrimUnit } from "../engine/plan/workPlan";
import { layerGroup } from "../protocol/layerGroup";
import type { Inspection, InspectProgress } from "../protocol/engineApi";
import { MergeError } from "../protocol/errors";
import type { FloatDtype } from "../protocol/mergeSet";
import type { InterferenceReport } from "../protocol/report";
import type { CallContext } from "../protocol/rpc";
import type {
  MagnitudeCounts,
  ParameterBlock,
  ParameterRequest,
  PictureTerms,
  Tile,
  TileProgress,
  TileRequest,
} from "../protocol/tiles";
import { InspectionSample } from "./inspectionSample";
import type { PartlyOpened } from "./openPartly";
import type { ComputePool } from "./pool";
import { drawnRules, inputsOf, type PreparedSet } from "./preparedSet";
import type { ReportCacheEntry } from "./reportCache";
import { SharedReport } from "./sharedReport";
import { shownTable } from "./shownOrder";
import { Run } from "./run";
import { TensorPictures, type PictureOf } from "./tensorPictures";
import { RuleSearch } from "./ruleSearch";
import { rulesOfTensor } from "./trimUnit";

export interface InspectionOptions {
  /** Bytes that the sample may take. */
  sampleBytes?: number;
  /** Bytes that pyramids may take. */
  pictureBytes?: number;
  /** Where exact reports are remembered from one opening to the next. */
  remembered?: ReportCacheEntry | null;
}

/** After a picture the next is likely to be asked for: a view that moves asks every few frames. */
const PICTURES_REST_MS = 400;

export class InspectionSession {
  private readonly closed = new AbortController();
  /** Made when a picture is asked for. */
  private indexByName: ReadonlyMap<string, number> | null = null;
  private unitOf: ReadonlyMap<number, TrimUnit> | null = null;
  private readonly rules = new Map<TrimUnit, RuleSearch>();
  /** Rules that the statistics found on their way, by tensor. */
  private readonly tensorRules = new Map<number, TrimRule[]>();
  /** Statistics of any settings, estimated. */
  readonly sample: InspectionSample;
  private finished: InterferenceReport | null = null;
  private running: SharedReport | null = null;
  private readonly pictures: TensorPictures;
  private readonly remembered: ReportCacheEntry | null;

  constructor(
    private readonly prepared: PreparedSet,
    private readonly pool: ComputePool,
    { sampleBytes = 0, pictureBytes, remembered = null }: InspectionOptions = {},
  ) {
    this.remembered = remembered;
    this.sample = new InspectionSample(prepared, pool, sampleBytes, this.closed.signal);
    this.pictures = new TensorPictures((signal, work) => this.during(signal, work), pool.size, pictureBytes);
    if (prepared.base === null) throw new MergeError("base-needed", { where: "" });
  }

  /** `broken`: what could not be opened, which is listed and not counted. */
  summary(broken: Partial<Pick<PartlyOpened, "brokenTensors" | "brokenModels">> = {}): Omit<Inspection, "id"> {
    const { set, tensors, notes } = this.prepared;
    const { brokenModels = [], brokenTensors = [] } = broken;
    return {
      set,
      tensors: shownTable(tensors),
      parameters: tensors.reduce((sum, { kind, elements }) => sum + (kind === "merge" ? elements : 0), 0),
      notes,
      ...(brokenModels.length > 0 ? { brokenModels } : {}),
      ...(brokenTensors.length > 0
        ? { brokenTensors: brokenTensors.map((tensor) => ({ ...tensor, group: layerGroup(tensor.name) })) }
        : {}),
    };
  }

  /** Exact statistics. Several callers share one computation, which ends when none waits any more. */
  async report(context: CallContext<InspectProgress>): Promise<InterferenceReport> {
    if (this.finished) return this.finished;
    if (!this.running) {
      await this.pool.foreground.rest(context.signal);
      if (context.signal.aborted) throw new MergeError("cancelled", { where: "" });
      if (!this.running && this.recall()) return this.report(context);
    }
    this.running ??= new SharedReport(this.prepared, this.pool, this.closed.signal, {
      onRules: (tensor, rules) => this.tensorRules.set(tensor, rules),
      onSettled: (report) => {
        this.finished = report;
        this.running = null;
        if (report) void this.remembered?.keep({ report, rules: this.tensorRules });
      },
    });
    return this.running.join(context);
  }

  /** Takes the report of an earlier opening; false where there is none. */
  private recall(): boolean {
    const state = this.remembered?.find();
    if (!state) return false;
    this.finished = state.report;
    for (const [tensor, rules] of state.rules) this.tensorRules.set(tensor, rules);
    return true;
  }

  async tile(
    { mayEstimate = false, ...request }: TileRequest & PictureTerms,
    context: CallContext<TileProgress>,
  ): Promise<Tile> {
    const { picture, estimated } = await this.pictureOf(request.tensor, mayEstimate, context);
    const tile = await this.before(() => this.pictures.tile(picture, request, context));
    if (context.signal.aborted) throw new MergeError("cancelled", { where: "" });
    return marked(tile, estimated);
  }

  async parameters(
    { mayEstimate = false, ...request }: ParameterRequest & PictureTerms,
    { signal }: CallContext,
  ): Promise<ParameterBlock> {
    const { set, tensors, parameters } = this.prepared;
    const silent = { signal, progress: (): void => undefined };
    const { picture, estimated } = await this.pictureOf(request.tensor, mayEstimate, silent);
    const tensor = this.indexOf(request.tensor);
    const { dtype } = tensors[tensor];
    const outDtype: FloatDtype = set.outDtype ?? (isFloatDtype(dtype) ? dtype : "F32");
    const { densities } = parameters[tensor];
    const block = this.before(() => this.pictures.parameters(picture, densities, request, outDtype, signal));
    return marked(await block, estimated);
  }

  async magnitudes(name: string, { signal }: CallContext): Promise<MagnitudeCounts> {
    return this.pictures.magnitudes({ inputs: inputsOf(this.prepared, this.indexOf(name), true) }, signal);
  }

  /** Ends what runs; the session is not used any more. */
  close(): void {
    this.closed.abort();
  }

  /** What a picture needs besides its tensor: the rules of trimming, and the sign of what cancels. */
  private async pictureOf(
    name: string,
    mayEstimate: boolean,
    context: CallContext<TileProgress>,
  ): Promise<{ picture: PictureOf; estimated: boolean }> {
    const tensor = this.indexOf(name);
    this.unitOf ??= new Map(
      this.prepared.units.flatMap((unit) => unit.tensors.map((inside) => [inside, unit] as const)),
    );
    const unit = this.unitOf.get(tensor);
    if (!unit) throw new MergeError("unknown-tensor", { where: name });
    const { parameters } = this.prepared.parameters[tensor];
    const inputs = inputsOf(this.prepared, tensor, true);
    const drawn = drawnRules(this.prepared, tensor);
    if (mayEstimate && !drawn && !this.isKnown(tensor)) {
      const sampled = await this.sample.trimming();
      const picture = {
        inputs,
        parameters,
        rules: drawnRules(this.prepared, tensor) ?? sampled.rules(tensor),
        zeroSign: sampled.zeroSign,
      };
      return { picture, estimated: !sampled.isExact };
    }
    // Entries that cancel are drawn with the sign that the merge gives them, which the whole model decides.
    const zeroSign = this.prepared.set.rules.zeroSign === "majority" ? await this.majority(context) : 1;
    const rules =
      drawn ??
      this.tensorRules.get(tensor) ??
      rulesOfTensor(this.prepared, unit, await this.rulesOf(unit, context), tensor);
    return { picture: { inputs, parameters, rules, zeroSign }, estimated: false };
  }

  /** Whether a picture of the tensor waits for nothing. */
  private isKnown(tensor: number): boolean {
    return this.finished !== null || (this.prepared.set.rules.zeroSign === "positive" && this.tensorRules.has(tensor));
  }

  private async majority({ signal, progress }: CallContext<TileProgress>): Promise<1 | -1> {
    const { totals } = await this.report({
      signal,
      progress: ({ phase, done, total }) => progress({ phase, done, total, partial: null }),
    });
    return majoritySign(totals.elected.positive, totals.elected.negative);
  }

  /** Found once for all who ask, also when the first of them leaves. */
  private async rulesOf(unit: TrimUnit, { signal, progress }: CallContext<TileProgress>): Promise<TrimRule[]> {
    let search = this.rules.get(unit);
    if (!search) {
      search = new RuleSearch(unit, (report, work) => this.during(this.closed.signal, work, report), this.prepared);
      this.rules.set(unit, search);
      // A failure is told to whoever asked, and the next one may try again.
      search.rules.catch(() => this.rules.delete(unit));
    }
    return search.wait(signal, progress);
  }

  /** Draws while passes in the background rest: none of what pictures wait for in them is waited for here any more. */
  private before<Picture>(draw: () => Promise<Picture>): Promise<Picture> {
    return this.pool.foreground.during(draw, PICTURES_REST_MS);
  }

  private indexOf(name: string): number {
    this.indexByName ??= new Map(
      this.prepared.tensors.flatMap(({ name, kind }, index) => (kind === "merge" ? [[name, index] as const] : [])),
    );
    const index = this.indexByName.get(name);
    if (index === undefined) throw new MergeError("unknown-tensor", { where: name });
    return index;
  }

  private during<T>(
    signal: AbortSignal,
    work: (run: Run) => Promise<T>,
    report: (done: number) => void = () => undefined,
  ): Promise<T> {
    const run = new Run(this.pool, this.prepared);
    return run.during(AbortSignal.any([signal, this.closed.signal]), report, () => work(run));
  }
}

const marked = <Picture extends Tile | ParameterBlock>(picture: Picture, estimated: boolean): Picture =>
  estimated ? { ...picture, estimated } : picture;
