import { disposable, disposeAll, listen } from "./dispose.ts";
import type { Platform } from "./platform.ts";

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
  platform: Platform,
  { onNetwork, onVisibility, onLeave, onReturn }: PageListeners,
): Disposable {
  const { document } = platform;
  if (!document) return disposable(() => {});
  const listeners = [
    listen(platform, "online", onNetwork),
    listen(platform, "offline", onNetwork),
    listen(platform, "pagehide", onLeave),
    listen(platform, "pageshow", onReturn),
    listen(document, "visibilitychange", onVisibility),
  ];
  return disposable(() => disposeAll(listeners));
}

/** Whether the page is visible. Outside of browsers the state is always `active`. */
export function pageState({ document }: Platform): "active" | "background" {
  return document?.hidden ? "background" : "active";
}

/** Whether the browser reports that it is offline. A server on the same machine may still be reachable. */
export function isOffline({ navigator }: Platform): boolean {
  return navigator?.onLine === false;
}
