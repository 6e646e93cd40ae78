/** How much figures differ among the replicates, without holding all of them. */

export class ReplicateSpread {
  private readonly counts: Uint8Array;
  private readonly means: Float64Array;
  private readonly squares: Float64Array;

  constructor(figures: number) {
    this.counts = new Uint8Array(figures);
    this.means = new Float64Array(figures);
    this.squares = new Float64Array(figures);
  }

  /** Figures that a replicate lacks are NaN. */
  add(figures: Float64Array): void {
    const { counts, means, squares } = this;
    for (let at = 0; at < figures.length; at++) {
      const figure = figures[at];
      if (Number.isNaN(figure)) continue;
      const before = figure - means[at];
      means[at] += before / ++counts[at];
      squares[at] += before * (figure - means[at]);
    }
  }

  /** How many replicates have a figure. */
  countAt(figure: number): number {
    return this.counts[figure];
  }

  /** Standard error of the mean of the replicates; 0 of fewer than two. */
  errorAt(figure: number): number {
    const count = this.counts[figure];
    return count < 2 ? 0 : Math.sqrt(this.squares[figure] / (count - 1) / count);
  }
}
