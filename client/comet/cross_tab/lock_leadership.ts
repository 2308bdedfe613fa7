import type { Leadership, LeadershipListeners } from "./leadership.ts";

/** Leadership by a Web Lock (w3c.github.io/web-locks): whoever holds it leads, those who wait for it follow in line. */
export class LockLeadership implements Leadership {
  readonly #name: string;
  readonly #listeners: LeadershipListeners;
  readonly #end = new AbortController();
  /** Gives the lock back, while it is held. */
  #release: (() => void) | undefined;

  constructor(name: string, listeners: LeadershipListeners) {
    this.#name = name;
    this.#listeners = listeners;
    this.#stand();
  }

  seize(): void {
    if (this.#release === undefined) this.#request({ steal: true });
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#release?.();
  }

  /** Waits in line, and again whenever the lock was lost. */
  async #stand(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted && await this.#request({ signal }) === "lost");
  }

  async #request(options: LockOptions): Promise<"lost" | "refused" | "released"> {
    let release: (() => void) | undefined;
    try {
      await navigator.locks.request(this.#name, options, () =>
        new Promise<void>((resolve) => {
          release = resolve;
          this.#hold(resolve);
        }));
      return "released";
    } catch {
      // It was stolen, or the place in line was given up.
      if (release === undefined) return "refused";
      this.#lose(release);
      return "lost";
    }
  }

  #hold(release: () => void): void {
    if (this.#end.signal.aborted) return release();
    const isNew = this.#release === undefined;
    this.#release = release;
    if (isNew) this.#listeners.onWon();
  }

  #lose(release: () => void): void {
    if (this.#release !== release) return;
    this.#release = undefined;
    this.#listeners.onLost();
  }
}
