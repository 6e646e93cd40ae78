/** The checkpoints that a dialog offers, and what is known of them. */
import { stat } from "node:fs/promises";
import type { EngineApi } from "../../protocol/engineApi";
import type { Remote } from "../../protocol/rpc";
import { gatherFacts } from "../checkpoints/checkpointFacts";
import { comparePaths, type FoundCheckpoint } from "../checkpoints/findInFiles";
import { layoutDifference, type LayoutDifference } from "../checkpoints/tensorLayout";
import { proposeBase, type CheckpointFacts, type RankedBase } from "../checkpoints/proposeBase";

export interface RankedModel {
  path: string;
  /** Whether its tensors are the base's; null where that is not known. */
  fits: boolean | null;
  /** What a merge has to bridge all the same. */
  difference: LayoutDifference | null;
}

export class Candidates {
  private facts: Promise<CheckpointFacts[]> | null = null;
  private checkpoints: FoundCheckpoint[];

  /** `selection`: what was chosen in the explorer; `found`: what the workspace holds. */
  constructor(
    readonly selection: readonly FoundCheckpoint[],
    found: readonly FoundCheckpoint[],
    private readonly api: Remote<EngineApi>,
    private readonly signal: AbortSignal,
  ) {
    const chosen = new Set(selection.map(({ path }) => path));
    this.checkpoints = [...selection, ...found.filter(({ path }) => !chosen.has(path))];
  }

  get list(): readonly FoundCheckpoint[] {
    return this.checkpoints;
  }

  isSelected(path: string): boolean {
    return this.selection.some((checkpoint) => checkpoint.path === path);
  }

  /** Adds a checkpoint that was found by browsing. */
  async add(path: string): Promise<void> {
    if (this.checkpoints.some((checkpoint) => checkpoint.path === path)) return;
    const kind = await stat(path).then(
      (entry) => (entry.isDirectory() ? "folder" : "file"),
      () => "file" as const,
    );
    this.checkpoints = [...this.checkpoints, { path, kind }];
    this.facts = null;
  }

  /** Every candidate as base: of the selection where there is one, else of all the others. */
  async rankedBases(): Promise<RankedBase[]> {
    const facts = await this.allFacts();
    const bases = facts.filter(({ adapter }) => !adapter);
    const selected = facts.filter(({ path }) => this.isSelected(path));
    const ranked = proposeBase(bases, selected);
    return ranked.some(({ proposed }) => proposed) ? ranked : proposeBase(bases, facts);
  }

  /** Whether the models may be adapters only, which can be merged with one another. */
  async mayBeAdapters(): Promise<boolean> {
    const facts = await this.allFacts();
    const selected = facts.filter(({ path }) => this.isSelected(path));
    return selected.length > 0
      ? selected.every(({ adapter }) => adapter)
      : facts.filter(({ adapter }) => adapter).length > 1;
  }

  /** The candidates as models of `base`: those with its tensors first, those with others last. Without one, adapters. */
  async rankedModels(base: string): Promise<RankedModel[]> {
    const facts = await this.allFacts();
    const own = facts.find(({ path }) => path === base) ?? { layout: "" };
    const order = ({ fits, difference }: RankedModel): number =>
      fits === true ? (difference ? 1 : 0) : fits === null ? 2 : 3;
    return facts
      .filter(({ path, adapter }) => path !== base && (base !== "" || adapter))
      .map((fact): RankedModel => {
        const fits = fact.layout && own.layout ? fact.layout === own.layout : null;
        return { path: fact.path, fits, difference: fits ? layoutDifference(fact, own) : null };
      })
      .sort((a, b) => order(a) - order(b) || comparePaths(a.path, b.path));
  }

  private allFacts(): Promise<CheckpointFacts[]> {
    this.facts ??= gatherFacts(this.checkpoints, this.api, this.signal);
    return this.facts;
  }
}
