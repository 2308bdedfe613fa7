/** What `setTimeout` and `setInterval` return. */
export type Timer = ReturnType<typeof setTimeout> | number;

/**
 * What the library uses of the global object: clocks, timers, randomness, the network, and, in pages, the document, the
 * storage, and what tabs share. All of it is reached through a constructor value whose default is `globalThis`. So a
 * simulation can run several browsers in one process, with a time of its own.
 */
export interface Platform extends Listenable {
  readonly Date: Pick<DateConstructor, "now">;
  readonly Math: Pick<Math, "random">;
  readonly performance: Pick<Performance, "now">;
  readonly crypto: {
    getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  };
  setTimeout(run: () => void, ms: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
  setInterval(run: () => void, ms: number): Timer;
  clearInterval(timer: Timer | undefined): void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Missing in Deno and Node. */
  readonly document?: Listenable & Pick<Document, "hidden">;
  readonly location?: Pick<Location, "origin">;
  /** Missing in old versions of Node. Without `locks` on insecure origins. */
  readonly navigator?: { readonly onLine?: boolean; readonly locks?: Locks };
  /** Throws where storage is forbidden. */
  readonly localStorage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Missing in some programs that are not pages. */
  readonly BroadcastChannel: new (name: string) => Channel;
}

/** Not a part of the documented options: only a simulation passes a platform. */
export interface OnPlatform {
  readonly platform?: Platform;
}

export type Listenable = Pick<EventTarget, "addEventListener" | "removeEventListener">;

export type Channel = Listenable & Pick<BroadcastChannel, "postMessage" | "close">;

interface Locks {
  request(name: string, options: LockOptions, hold: () => Promise<void>): Promise<void>;
}
