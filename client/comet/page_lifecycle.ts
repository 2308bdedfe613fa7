import { disposable, disposeAll, listen } from "./dispose.ts";

/** What happens to the page that a client runs in. */
export interface PageListeners {
  /** The network came or went. */
  readonly onNetwork: () => void;
  /** The page is looked at now, or no more. */
  readonly onVisibility: () => void;
  /** The page is left; it may be kept frozen, to be shown again. */
  readonly onLeave: () => void;
  /** The page is shown again as it was. */
  readonly onReturn: () => void;
}

/** Tells what happens to the page until it is disposed of. Outside of a browser nothing ever does. */
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

/** Whether somebody looks at the page; a program is always active. */
export function pageState(): "active" | "background" {
  return typeof document !== "undefined" && document.hidden ? "background" : "active";
}

/** Whether the browser knows that there is no network. It may be wrong: a server may run on this machine. */
export function isOffline(): boolean {
  return typeof navigator !== "undefined" && "onLine" in navigator && navigator.onLine === false;
}
