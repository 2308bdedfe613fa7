import { disposable, disposeAll, listen } from "./dispose.ts";

/** Events of the page that a client runs in. */
export interface PageListeners {
  /** The browser went online or offline. */
  readonly onNetwork: () => void;
  /** The page became visible or hidden. */
  readonly onVisibility: () => void;
  /** The user navigates away. The browser may freeze the page, to show it again later. */
  readonly onLeave: () => void;
  /** The frozen page is shown again. */
  readonly onReturn: () => void;
}

/** Reports the events of the page until disposed. Outside of browsers there are none. */
export function watchPage(
  { onNetwork, onVisibility, onLeave, onReturn }: PageListeners,
): Disposable {
  if (typeof document === "undefined") return disposable(() => {});
  const listeners = [
    listen(globalThis, "online", onNetwork),
    listen(globalThis, "offline", onNetwork),
    listen(globalThis, "pagehide", onLeave),
    listen(globalThis, "pageshow", onReturn),
    listen(document, "visibilitychange", onVisibility),
  ];
  return disposable(() => disposeAll(listeners));
}

/** Whether the page is visible. Outside of browsers the state is always `active`. */
export function pageState(): "active" | "background" {
  return typeof document !== "undefined" && document.hidden ? "background" : "active";
}

/** Whether the browser reports that it is offline. A server on the same machine may still be reachable. */
export function isOffline(): boolean {
  return typeof navigator !== "undefined" && "onLine" in navigator && navigator.onLine === false;
}
