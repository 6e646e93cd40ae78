/** Asks the host, while the panel is seen, whether the set's files are still what they were. */
import type { ErrorData } from "../../src/protocol/errors";
import type { InspectorApi } from "../../src/protocol/inspector";
import type { Remote } from "../../src/protocol/rpc";
import type { InspectorState } from "./inspectorState";
import type { Store } from "./store";

const LOOK_EVERY_MS = 5000;

export class FileWatch {
  private isLooking = false;

  constructor(
    private readonly store: Store<InspectorState>,
    private readonly api: () => Remote<InspectorApi>,
    private readonly source: Window,
  ) {}

  start(): void {
    const look = (): void => void this.look();
    this.source.setInterval(look, LOOK_EVERY_MS);
    this.source.addEventListener("focus", look);
    this.source.document.addEventListener("visibilitychange", look);
  }

  /** A call that failed because of a file tells that there is one. */
  onFailure({ code }: ErrorData): void {
    if (code === "input-changed") void this.look();
  }

  private async look(): Promise<void> {
    if (this.isLooking || this.source.document.visibilityState === "hidden") return;
    this.isLooking = true;
    try {
      const changedFiles = await this.api().changedFiles(null);
      const before = this.store.state.changedFiles;
      if (JSON.stringify(changedFiles) !== JSON.stringify(before)) this.store.update({ changedFiles });
    } catch {
      // Whatever keeps the host from answering shows itself where figures are asked for.
    } finally {
      this.isLooking = false;
    }
  }
}
