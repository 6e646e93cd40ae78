/** Whether the page is being printed: a view that draws only what is in sight draws all of it then. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

const EVENTS = ["beforeprint", "afterprint"] as const;

export class Printing implements ReactiveController {
  isUnderWay = false;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    for (const event of EVENTS) window.addEventListener(event, this.onEvent);
  }

  hostDisconnected(): void {
    for (const event of EVENTS) window.removeEventListener(event, this.onEvent);
  }

  private readonly onEvent = ({ type }: Event): void => {
    this.isUnderWay = type === "beforeprint";
    this.host.requestUpdate();
  };
}
