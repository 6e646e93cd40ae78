/** A view that follows the session: it renders again when something that it draws from has changed. */
import type { PropertyValues } from "lit";
import { LitElement } from "lit";
import type { InspectorState } from "../state/inspectorState";
import type { Session } from "../state/session";

export abstract class SessionElement extends LitElement {
  static override properties = { session: { attribute: false } };

  declare session: Session | undefined;
  private unsubscribe: (() => void) | undefined;
  private drawnOf: readonly unknown[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.follow();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  /** A view that was taken out must not begin to observe anything again: it would never be let go. */
  protected override shouldUpdate(_changed: PropertyValues<this>): boolean {
    return this.isConnected;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("session")) this.follow();
  }

  /** What of the state it draws from: a slider that moves changes the state many times a second. As a rule all of it. */
  protected drawsFrom(state: Readonly<InspectorState>): readonly unknown[] {
    return [state];
  }

  private follow(): void {
    this.unsubscribe?.();
    const { session } = this;
    if (!session) return;
    this.drawnOf = this.drawsFrom(session.state);
    this.unsubscribe = session.store.subscribe(() => {
      const now = this.drawsFrom(session.state);
      if (now.length === this.drawnOf.length && now.every((value, index) => value === this.drawnOf[index])) return;
      this.drawnOf = now;
      this.requestUpdate();
    });
  }
}
