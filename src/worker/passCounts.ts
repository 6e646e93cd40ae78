/**
 * What a worker has counted in the passes under way. Counting goes on in the memory of the kernels from job to job;
 * it is put aside when the kernels are needed for something else, and before its counters could overflow.
 */
import type { Kernels } from "../engine/kernels/kernels";
import { countsLength, type MagnitudeWindow } from "../engine/merge/magnitudeWindow";

/** Entries that 32-bit counters take. */
const MOST_ENTRIES = 2 ** 32 - 1;

interface Counting {
  pass: number;
  counts: (Uint32Array | null)[];
  entries: number;
}

export class PassCounts {
  private current: Counting | null = null;
  private readonly aside = new Map<number, (Float64Array | null)[]>();

  /** The counters of a pass, one a model that has a window, for `entries` more. */
  of(
    pass: number,
    kernels: Kernels,
    windows: readonly (MagnitudeWindow | null)[],
    entries: number,
  ): (Uint32Array | null)[] {
    if (this.current?.pass !== pass || this.current.entries + entries > MOST_ENTRIES) {
      this.putAside();
      const counts = windows.map((window, t) => window && kernels.emptyCounts(t, window));
      this.current = { pass, counts, entries: 0 };
    }
    this.current.entries += entries;
    return this.current.counts;
  }

  /** Frees the memory of the kernels. */
  putAside(): void {
    if (!this.current) return;
    const { pass, counts } = this.current;
    const sums = this.aside.get(pass) ?? counts.map((own) => own && new Float64Array(own.length));
    this.aside.set(pass, sums);
    counts.forEach((own, t) => own && addTo(sums[t], own, 0));
    this.current = null;
  }

  /** Adds the counts of a pass to `into`, a model after the other, and forgets them. */
  collect(pass: number, into: Uint32Array | Float64Array): void {
    const current = this.current?.pass === pass ? this.current.counts : null;
    for (const counts of [current, this.aside.get(pass) ?? null]) {
      let at = 0;
      for (const own of counts ?? []) {
        if (!own) continue;
        addTo(into, own, at);
        at += own.length;
      }
    }
    if (current) this.current = null;
    this.aside.delete(pass);
  }
}

/** Length of what `collect` fills. */
export const collectedLength = (windows: readonly (MagnitudeWindow | null)[]): number =>
  windows.reduce((sum, window) => sum + (window ? countsLength(window) : 0), 0);

function addTo(sums: Uint32Array | Float64Array | null, counts: ArrayLike<number>, at: number): void {
  if (sums) for (let i = 0; i < counts.length; i++) sums[at + i] += counts[i];
}
