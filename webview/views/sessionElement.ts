/** A view that follows the session: it renders again whenever the state changes. */
import type { PropertyValues } from "lit";
import { LitElement } from "lit";
import type { Session } from "../state/session";

export abstract class SessionElement extends LitElement {
  static override properties = { session: { attribute: false } };

  declare session: Session | undefined;
  private unsubscribe: (() => void) | undefined;

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

  private follow(): void {
    this.unsubscribe?.();
    this.unsubscribe = this.session?.store.subscribe(() => this.requestUpdate());
  }
}
