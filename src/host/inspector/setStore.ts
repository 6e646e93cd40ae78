/** The merge sets of inspectors, so that a panel that the editor restores knows what it showed. */
import { createHash } from "node:crypto";
import type { MergeSet } from "../../protocol/mergeSet";

/** Restored panels are few; older sets are forgotten. */
const MAX_KEPT_SETS = 50;

/** The part of the editor's workspace state that is used. */
export interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

interface KeptSet {
  panelId: string;
  set: MergeSet;
}

const KEY = "inspectedSets";

/** Equal for equal merge sets: one inspector each. */
const panelIdOf = (set: MergeSet): string =>
  createHash("sha256").update(JSON.stringify(set)).digest("hex").slice(0, 32);

export class SetStore {
  constructor(private readonly state: Memento) {}

  find(panelId: string): MergeSet | undefined {
    return this.kept().find((entry) => entry.panelId === panelId)?.set;
  }

  async keep(set: MergeSet): Promise<string> {
    const panelId = panelIdOf(set);
    const others = this.kept().filter((entry) => entry.panelId !== panelId);
    await this.state.update(KEY, [{ panelId, set }, ...others].slice(0, MAX_KEPT_SETS));
    return panelId;
  }

  private kept(): KeptSet[] {
    const value = this.state.get(KEY);
    return Array.isArray(value) ? (value as KeptSet[]) : [];
  }
}
