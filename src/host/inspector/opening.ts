/** Headers being read for all who ask; each is told what the base says as soon as that is known. */
import type { Inspection, InspectionPreview } from "../../protocol/engineApi";

export type OnPreview = (preview: InspectionPreview) => void;

export class Opening {
  private readonly result: Promise<Inspection>;
  private preview: InspectionPreview | null = null;
  private readonly waiting = new Set<OnPreview>();

  constructor(begin: (onPreview: OnPreview) => Promise<Inspection>) {
    this.result = begin((preview) => {
      this.preview = preview;
      for (const take of this.waiting) take(preview);
    });
    // What follows is more than that.
    const isOver = (): void => void (this.preview = null);
    this.result.then(isOver, isOver);
  }

  join(onPreview: OnPreview = () => undefined): Promise<Inspection> {
    if (this.preview) onPreview(this.preview);
    this.waiting.add(onPreview);
    return this.result.finally(() => this.waiting.delete(onPreview));
  }
}
