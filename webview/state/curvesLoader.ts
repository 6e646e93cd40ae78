/** Curves of the settings shown, for the chosen layer: asked for once the settings rest, the last ones alone. */
import type { InspectorApi } from "../../src/protocol/inspector";
import type { Remote } from "../../src/protocol/rpc";
import { isCancelled } from "../text/describe";
import type { InspectorState } from "./inspectorState";
import { membersOf } from "./sampledStatistics";
import type { Store } from "./store";

/** Curves follow once the settings rest. */
const CURVES_DELAY_MS = 250;

export class CurvesLoader {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call: AbortController | undefined;

  constructor(
    private readonly store: Store<InspectorState>,
    private readonly api: () => Remote<InspectorApi>,
  ) {}

  want(): void {
    clearTimeout(this.timer);
    this.call?.abort();
    this.timer = setTimeout(() => void this.take(), CURVES_DELAY_MS);
  }

  private async take(): Promise<void> {
    const { opened, connection, view } = this.store.state;
    // A set that is opened has new curves wanted.
    if (!opened || connection.kind !== "open") return;
    const call = new AbortController();
    this.call = call;
    const { settings, layer } = view;
    try {
      const curves = await this.api().curves({ settings, layer }, { signal: call.signal });
      if (this.call !== call || call.signal.aborted) return;
      this.store.update({ curves: { curves, members: membersOf(opened, settings) }, curvesFailure: null });
    } catch (error) {
      if (this.call === call && !isCancelled(error)) this.store.update({ curves: null, curvesFailure: error });
    }
  }
}
