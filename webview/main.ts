/** Starts the panel: controls, session, root view. */
import type { WebviewHost } from "./rpc/hostConnection";
import { Session } from "./state/session";
import { registerControls } from "./ui/register";
import "./views/inspectorApp";
import type { SessionElement } from "./views/sessionElement";

declare function acquireVsCodeApi(): WebviewHost;

declare global {
  interface Window {
    /** Nonce that lit puts on style elements where adopted style sheets are not to be had. */
    litNonce?: string;
  }
}

function start(): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.content;
  if (nonce) window.litNonce = nonce;
  registerControls();
  const root = document.querySelector<SessionElement>("ties-inspector");
  if (!root) return;
  // The host may leave here what it needs to open this panel again after a restart of the editor.
  const session = new Session(acquireVsCodeApi(), window, document.body.dataset.panel ?? null);
  root.session = session;
  void session.start();
}

start();
