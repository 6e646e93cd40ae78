/** Asks the host, while the panel is seen, whether the set's files are still what they were. */
import type { ChangedFile } from "../../src/protocol/inspector";

const LOOK_EVERY_MS = 5000;

export class FileWatch {
  private isLooking = false;

  constructor(
    private readonly ask: () => Promise<ChangedFile[]>,
    private readonly onLook: (changed: ChangedFile[]) => void,
    private readonly source: Window,
  ) {}

  start(): void {
    const look = (): void => void this.look();
    this.source.setInterval(look, LOOK_EVERY_MS);
    this.source.addEventListener("focus", look);
    this.source.document.addEventListener("visibilitychange", look);
  }

  async look(): Promise<void> {
    if (this.isLooking || this.source.document.visibilityState === "hidden") return;
    this.isLooking = true;
    try {
      this.onLook(await this.ask());
    } catch {
      // Whatever keeps the host from answering shows itself where figures are asked for.
    } finally {
      this.isLooking = false;
    }
  }
}
