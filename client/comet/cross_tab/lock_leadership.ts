import type { Platform } from "../platform.ts";
import type { Leadership, LeadershipListeners } from "./leadership.ts";

/**
 * Leadership by a Web Lock (w3c.github.io/web-locks): the member that holds it leads, the others are queued for it.
 * Detects at once that the leader's page is closed, but not that it hangs: then `seize` steals the lock.
 */
export class LockLeadership implements Leadership {
  readonly #platform: Platform;
  readonly #name: string;
  readonly #listeners: LeadershipListeners;
  readonly #end = new AbortController();
  /** Releases the lock. Defined while this member leads. */
  #release: (() => void) | undefined;

  constructor(platform: Platform, name: string, listeners: LeadershipListeners) {
    this.#platform = platform;
    this.#name = name;
    this.#listeners = listeners;
    this.#queue();
  }

  seize(): void {
    if (this.#release === undefined) this.#request({ steal: true });
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#release?.();
  }

  /** Queues for the lock, and again each time it is stolen. */
  async #queue(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted && await this.#request({ signal }) === "stolen");
  }

  async #request(options: LockOptions): Promise<"stolen" | "denied" | "released"> {
    let release: (() => void) | undefined;
    try {
      await this.#platform.navigator?.locks?.request(
        this.#name,
        options,
        () =>
          new Promise<void>((resolve) => {
            release = resolve;
            this.#onGranted(resolve);
          }),
      );
      return "released";
    } catch {
      if (release === undefined) return "denied";
      this.#onStolen(release);
      return "stolen";
    }
  }

  #onGranted(release: () => void): void {
    if (this.#end.signal.aborted) return release();
    const isNew = this.#release === undefined;
    this.#release = release;
    if (isNew) this.#listeners.onWon();
  }

  #onStolen(release: () => void): void {
    // Stolen by this member itself, which holds it by another request now.
    if (this.#release !== release) return;
    this.#release = undefined;
    this.#listeners.onLost();
  }
}
