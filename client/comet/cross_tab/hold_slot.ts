import { disposeAll } from "../dispose.ts";
import type { Platform } from "../platform.ts";
import { standForElection } from "./election.ts";
import type { Leadership } from "./leadership.ts";

/**
 * Maximum number of polls that the pages of an origin hold at the same time. With HTTP/1.1 a browser opens six connections
 * to a server: two are left for everything else.
 */
const SLOTS = 4;

/**
 * The right of a poll loop to have its polls held, so that no request of the browser waits until a poll ends. A loop
 * waits in line for one of the slots, and leaves it when it is disposed. Outside of pages, and where pages can neither
 * lock nor store, every loop has the right.
 */
export class HoldSlot implements Disposable {
  readonly #onWon: () => void;
  #candidates: readonly Leadership[] = [];
  #isHeld: boolean;

  constructor(platform: Platform, onWon: () => void) {
    this.#onWon = onWon;
    this.#isHeld = !platform.document || !hasStorage(platform);
    if (this.#isHeld) return;
    this.#candidates = Array.from({ length: SLOTS }, (_, n) => {
      const onLost = () => this.#isHeld = false;
      return standForElection(platform, `poll.${n}`, { onWon: () => this.#keep(n), onLost });
    });
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  [Symbol.dispose](): void {
    disposeAll(this.#candidates);
  }

  /** Leaves the other lines. */
  #keep(won: number): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    disposeAll(this.#candidates.filter((_, n) => n !== won));
    this.#onWon();
  }
}

/** Whether pages of this origin can coordinate. Where storage is forbidden, as in a sandbox, locks are forbidden, too. */
function hasStorage(platform: Platform): boolean {
  try {
    return Boolean(platform.localStorage);
  } catch {
    return false;
  }
}
