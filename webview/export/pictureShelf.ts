/** The pictures that can be saved now: views offer them while they are shown. */
import type { Figure } from "./figure";

export interface OfferedPicture {
  /** What the menu calls it; null while there is nothing to save. */
  label(): string | null;
  /** Draws it from what is shown now; null where there is nothing any more. */
  draw(): Figure | null | undefined;
}

export class PictureShelf {
  private readonly offered = new Set<OfferedPicture>();

  /** Returns how to take the offer back. */
  offer(picture: OfferedPicture): () => void {
    this.offered.add(picture);
    return () => this.offered.delete(picture);
  }

  get pictures(): readonly OfferedPicture[] {
    return [...this.offered];
  }
}
