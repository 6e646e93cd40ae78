/** What is known of a sample for drawn and selected masks: it depends on the models that take part, not on the settings. */
import type { Kernels } from "../kernels/kernels";
import type { TrimRule } from "../merge/trim";
import type { Breather } from "./breather";
import { FreeSums } from "./freeSums";
import { ranksOfWhole, type HeldRanks } from "./heldRanks";
import { stretchOf, type HeldTensor } from "./heldSample";
import { HeldVariances } from "./heldVariances";
import { HeldVectors } from "./heldVectors";
import type { MaskedModels } from "./maskedPass";
import type { SampleSettings } from "./sampleCounts";
import { drawnMasks, type SampleMasks } from "./sampleMasks";

/** Choices of models that are remembered: that of the settings, and one that curves look at. */
const REMEMBERED = 2;

type Chosen = Omit<MaskedModels, "variances"> & { variances: HeldVariances | null };

export class MaskedSample {
  private readonly vectors: HeldVectors;
  /** By the models, the one asked for last in the end. */
  private readonly chosen = new Map<string, Chosen>();
  /** Of tensors that are held whole, by tensor and model. */
  private readonly ranks = new Map<number, HeldRanks>();

  constructor(
    private readonly tensors: readonly HeldTensor[],
    private readonly kernelsFor: (models: number) => Kernels,
  ) {
    this.vectors = new HeldVectors(tensors);
  }

  async models(settings: SampleSettings, breather: Breather): Promise<MaskedModels> {
    const chosen = await this.of(settings, breather);
    return { ...chosen, variances: chosen.variances?.values ?? null };
  }

  /** Rules by held tensor and member. @param partOf which part of a tensor gives them: "all" where they are the merge's. */
  async rules(
    settings: SampleSettings,
    masks: Exclude<SampleMasks, { kind: "band" }>,
    partOf: (tensor: number) => number | null | "all",
    breather: Breather,
  ): Promise<TrimRule[][]> {
    const { members, parameters } = settings;
    const found: TrimRule[][] = [];
    const { variances } = masks.kind === "varied" ? await this.of(settings, breather) : { variances: null };
    for (const [at, tensor] of this.tensors.entries()) {
      const part = partOf(at);
      const [isKnown, replicate] = part === "all" ? [true, null] : [false, part];
      const { densities } = parameters[at];
      const stretch = stretchOf(tensor, replicate);
      if (masks.kind === "drawn") {
        const ranks = masks.epsilon === undefined ? undefined : await this.ranksOf(at, breather);
        found.push(drawnMasks(tensor, isKnown, { ...masks, ranks, members, densities }, replicate, stretch.start));
      } else found.push(variances?.rules(at, replicate, densities[0], masks.equalBelow) ?? []);
      const pause = breather.after(1, masks.kind === "varied" ? stretch.count * members.length : 0);
      if (pause) await pause;
    }
    return found;
  }

  private async of({ members, masks, parameters }: SampleSettings, breather: Breather): Promise<Chosen> {
    const key = `${parameters[0]?.parameters.nonFinite} ${members.join()}`;
    const known = this.chosen.get(key);
    this.chosen.delete(key);
    const vectors = known?.vectors ?? (await this.vectorsOf(members, breather));
    const kernels = this.kernelsFor(members.length);
    const free = known?.free ?? new FreeSums(this.tensors, members, kernels);
    const variances =
      known?.variances ??
      (masks?.kind === "varied" ? await HeldVariances.of(this.tensors, this.vectors, vectors, breather) : null);
    const chosen = { starts: this.vectors.starts, vectors, variances, free, kernels };
    this.chosen.set(key, chosen);
    for (const oldest of this.chosen.keys()) {
      if (this.chosen.size <= REMEMBERED) break;
      this.chosen.delete(oldest);
    }
    return chosen;
  }

  private async vectorsOf(members: readonly number[], breather: Breather): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const model of members) vectors.push(await this.vectors.of(model, breather));
    return vectors;
  }

  /** Those that were read; of a tensor that is held whole they follow from what is held. */
  private async ranksOf(at: number, breather: Breather): Promise<HeldRanks | undefined> {
    const tensor = this.tensors[at];
    if (!tensor.whole || tensor.ranks) return tensor.ranks;
    const known = this.ranks.get(at);
    if (known) return known;
    const all = await this.vectorsOf([...tensor.models.keys()], breather);
    const first = this.vectors.starts[at];
    const own = all.map((vector) => vector.subarray(first, first + tensor.entries));
    const ranks = ranksOfWhole(tensor, own);
    this.ranks.set(at, ranks);
    const pause = breather.after(1, tensor.entries * own.length);
    if (pause) await pause;
    return ranks;
  }
}
