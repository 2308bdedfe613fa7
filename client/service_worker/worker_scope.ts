/** What the global scope of a service worker has, as far as it is used here: TypeScript's library for pages lacks it. */
export {};

/** One version of the page. The server writes it in front of the script: see `server/http/page_shell.ts`. */
export interface Shell {
  readonly version: string;
  readonly needed: readonly string[];
  readonly others: readonly string[];
}

/** An event that ends when a promise is settled. */
export interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface InstallEvent extends ExtendableEvent {
  /** Absent in older browsers. */
  addRoutes?(rule: {
    readonly condition: { readonly urlPattern: string };
    readonly source: "network";
  }): Promise<void>;
}

export interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  /** The response to a navigation, which the browser has requested while this worker was started. */
  readonly preloadResponse?: Promise<Response | undefined>;
  respondWith(response: Promise<Response>): void;
}

/** The content of a push, decrypted. */
export interface PushMessageData {
  // deno-lint-ignore no-explicit-any
  json(): any;
}

export interface PushEvent extends ExtendableEvent {
  readonly data: PushMessageData | null;
}

export interface NotificationEvent extends ExtendableEvent {
  readonly notification: Notification;
}

/** A window of this origin. */
export interface WindowClient {
  readonly url: string;
  readonly frameType: string;
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

export interface WindowClients {
  claim(): Promise<void>;
  matchAll(
    options: { readonly type: "window"; readonly includeUncontrolled: true },
  ): Promise<readonly WindowClient[]>;
  openWindow(url: string): Promise<unknown>;
}

declare global {
  var halleyShell: Shell;
  var registration: ServiceWorkerRegistration;
  var clients: WindowClients;
  function skipWaiting(): Promise<void>;

  interface WindowEventMap {
    install: InstallEvent;
    activate: ExtendableEvent;
    fetch: FetchEvent;
    push: PushEvent;
    notificationclick: NotificationEvent;
    pushsubscriptionchange: ExtendableEvent;
  }
}
