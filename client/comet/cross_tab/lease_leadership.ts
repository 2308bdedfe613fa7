import { disposable, disposeAll, listen } from "../dispose.ts";
import { randomKey } from "../random_key.ts";
import { keepWord, readWord } from "./local_storage.ts";
import type { Leadership, LeadershipListeners } from "./leadership.ts";

/**
 * How long a lease lasts: longer than the minute in which a hidden page may do something once. A leader that is gone
 * without a word is found out by its silence, long before.
 */
const LASTS = 90_000;
const RENEWED_EVERY = 5_000;

/** Leadership by a lease in the browser's storage, where there are no locks. */
export class LeaseLeadership implements Leadership {
  readonly #key: string;
  readonly #listeners: LeadershipListeners;
  readonly #self = randomKey();
  readonly #watch: readonly Disposable[];
  #leads = false;
  #claim: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, listeners: LeadershipListeners) {
    this.#key = name;
    this.#listeners = listeners;
    const rounds = setInterval(() => this.#look(), RENEWED_EVERY);
    this.#watch = [
      // It comes when another tab has written.
      listen(globalThis, "storage", () => this.#look()),
      disposable(() => clearInterval(rounds)),
    ];
    this.#look();
  }

  seize(): void {
    if (this.#leads) return;
    this.#sign();
    clearTimeout(this.#claim);
    // Whoever has signed last is the leader: let all who do so at once have signed.
    this.#claim = setTimeout(() => this.#check(), 50 + 100 * Math.random());
  }

  [Symbol.dispose](): void {
    disposeAll(this.#watch);
    clearTimeout(this.#claim);
    if (this.#holder() === this.#self) keepWord(this.#key, undefined);
  }

  #look(): void {
    const holder = this.#holder();
    if (!this.#leads) return holder === undefined ? this.seize() : undefined;
    if (holder === undefined || holder === this.#self) return this.#sign();
    this.#leads = false;
    this.#listeners.onLost();
  }

  #check(): void {
    if (this.#holder() !== this.#self) return;
    this.#leads = true;
    this.#listeners.onWon();
  }

  #sign(): void {
    keepWord(this.#key, `${this.#self} ${Date.now() + LASTS}`);
  }

  /** Who has signed, if the lease has not ended. */
  #holder(): string | undefined {
    const [holder, until] = (readWord(this.#key) ?? "").split(" ");
    return Number(until) > Date.now() ? holder : undefined;
  }
}
