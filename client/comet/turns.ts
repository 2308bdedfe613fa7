/** Numbers the polls of one tab: the server heeds the highest. */
export interface Turns {
  /** A higher number than any before, however the clock is set. */
  next(): number;
  /** Whether another reader in this browser, by the same name of tab, has taken a later turn. */
  readonly isPassed: boolean;
}

/** The turns of a tab that nobody else has. */
export class OwnTurns implements Turns {
  readonly isPassed = false;
  #last = 0;

  next(): number {
    return this.#last = Math.max(this.#last + 1, Date.now());
  }
}
