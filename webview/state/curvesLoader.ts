/** Curves of the settings shown, for the chosen layer: asked for once the settings rest, the last ones alone. */
import type { InspectorApi } from "../../src/protocol/inspector";
import type { Remote } from "../../src/protocol/rpc";
import { isCancelled } from "../text/describe";
import type { CurvesOf, InspectorState } from "./inspectorState";
import { membersOf } from "./sampledStatistics";
import { settingsKey } from "./shownStatistics";
import type { Store } from "./store";

/** Curves follow once the settings rest, behind the margins. */
const CURVES_DELAY_MS = 600;

/** Curves of what is shown. */
const curvesWanted = ({ opened, view }: Pick<InspectorState, "opened" | "view">): CurvesOf => ({
  opened,
  settings: settingsKey(view.settings),
  layer: view.layer,
});

const isSame = (a: CurvesOf | undefined, b: CurvesOf): boolean =>
  a?.opened === b.opened && a.settings === b.settings && a.layer === b.layer;

/** Whether curves are there and of what is shown. */
export const areCurvesCurrent = (state: Pick<InspectorState, "opened" | "view" | "curves">): boolean =>
  isSame(state.curves?.of, curvesWanted(state));

export class CurvesLoader {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call: AbortController | undefined;
  /** On their way, or failed. */
  private wanted: CurvesOf | undefined;

  constructor(
    private readonly store: Store<InspectorState>,
    private readonly api: () => Remote<InspectorApi>,
  ) {}

  /** Of what is shown now, unless they are on their way or there. @param again also if they failed. */
  want(again = false): void {
    const wanted = curvesWanted(this.store.state);
    if ((isSame(this.wanted, wanted) && !again) || areCurvesCurrent(this.store.state)) return;
    this.stop();
    this.wanted = wanted;
    this.timer = setTimeout(() => void this.take(wanted), CURVES_DELAY_MS);
  }

  /** What is shown changes: nobody waits for them any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.call?.abort();
    this.wanted = undefined;
  }

  private async take(of: CurvesOf): Promise<void> {
    const { opened, connection, view } = this.store.state;
    // A set that is opened has new curves wanted.
    if (!opened || connection.kind !== "open") {
      this.wanted = undefined;
      return;
    }
    const call = new AbortController();
    this.call = call;
    const { settings, layer } = view;
    try {
      const curves = await this.api().curves({ settings, layer }, { signal: call.signal });
      if (call.signal.aborted) return;
      this.store.update({ curves: { curves, members: membersOf(opened, settings), of }, curvesFailure: null });
    } catch (error) {
      if (!call.signal.aborted && !isCancelled(error)) this.store.update({ curves: null, curvesFailure: error });
    }
  }
}
