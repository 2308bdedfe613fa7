import type { Platform } from "./platform.ts";

/** Numbers the polls of a tab: the server obeys the poll with the highest turn. */
export interface Turns {
  /** A number that is higher than all before, even if the clock was set back. */
  next(): number;
  /** Whether another tab of this browser has taken a later turn under the same name. */
  readonly isOvertaken: boolean;
}

/** The turns of a tab whose name no other reader uses. */
export class OwnTurns implements Turns {
  readonly isOvertaken = false;
  readonly #platform: Platform;
  #last = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  next(): number {
    return this.#last = Math.max(this.#last + 1, this.#platform.Date.now());
  }
}
