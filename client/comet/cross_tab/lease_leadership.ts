import { disposable, disposeAll, listen } from "../dispose.ts";
import type { Platform, Timer } from "../platform.ts";
import { randomKeyFrom } from "../random_key.ts";
import { readItem, removeItem, writeItem } from "./browser_storage.ts";
import type { Leadership, LeadershipListeners } from "./leadership.ts";

/**
 * Duration of a lease in ms: longer than a minute, since browsers run the timers of a hidden page once a minute. That a
 * leader does not answer is detected long before.
 */
const DURATION = 90_000;

/** How often a lease is renewed or checked, in ms. */
const INTERVAL = 5_000;

/**
 * Leadership by a lease in `localStorage`, for browsers and origins without Web Locks. Storage has no atomic
 * compare-and-set: members that want the lease write their id, wait, and the one that has written last leads.
 */
export class LeaseLeadership implements Leadership {
  readonly #platform: Platform;
  readonly #key: string;
  readonly #listeners: LeadershipListeners;
  readonly #self: string;
  readonly #watch: readonly Disposable[];
  #isLeader = false;
  #claim: Timer | undefined;

  constructor(platform: Platform, name: string, listeners: LeadershipListeners) {
    this.#platform = platform;
    this.#self = randomKeyFrom(platform);
    this.#key = name;
    this.#listeners = listeners;
    const interval = platform.setInterval(() => this.#check(), INTERVAL);
    this.#watch = [
      // Another tab has written.
      listen(platform, "storage", () => this.#check()),
      disposable(() => platform.clearInterval(interval)),
    ];
    this.#check();
  }

  seize(): void {
    if (this.#isLeader) return;
    this.#write();
    this.#platform.clearTimeout(this.#claim);
    // Long enough for all that have read the storage before this to write.
    this.#claim = this.#platform.setTimeout(
      () => this.#confirm(),
      50 + 100 * this.#platform.Math.random(),
    );
  }

  [Symbol.dispose](): void {
    disposeAll(this.#watch);
    this.#platform.clearTimeout(this.#claim);
    if (this.#holder() === this.#self) removeItem(this.#platform, this.#key);
  }

  #check(): void {
    const holder = this.#holder();
    if (!this.#isLeader) return holder === undefined ? this.seize() : undefined;
    if (holder === undefined || holder === this.#self) return this.#write();
    this.#isLeader = false;
    this.#listeners.onLost();
  }

  #confirm(): void {
    if (this.#holder() !== this.#self) return;
    this.#isLeader = true;
    this.#listeners.onWon();
  }

  #write(): void {
    writeItem(this.#platform, this.#key, `${this.#self} ${this.#platform.Date.now() + DURATION}`);
  }

  /** The member that has written last, unless the lease has expired. */
  #holder(): string | undefined {
    const [holder, expiresAt] = (readItem(this.#platform, this.#key) ?? "").split(" ");
    return Number(expiresAt) > this.#platform.Date.now() ? holder : undefined;
  }
}
