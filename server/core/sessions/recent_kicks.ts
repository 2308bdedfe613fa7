import { Refused } from "../model/refused.ts";

/** So many private tokens are remembered. */
const REMEMBERED = 1_000;

/** Remembers for a while whose sessions an operator has ended, so that they can be told. */
export class RecentKicks {
  readonly #privateTokens = new Set<string>();

  note(privateTokens: Iterable<string>): void {
    for (const token of privateTokens) this.#privateTokens.add(token);
    for (const token of this.#privateTokens) {
      if (this.#privateTokens.size <= REMEMBERED) return;
      this.#privateTokens.delete(token);
    }
  }

  /** Refuses with `kicked` the private token of a session that was ended so. */
  check(privateToken: string): void {
    if (!this.#privateTokens.has(privateToken)) return;
    throw new Refused("kicked", "An operator has ended this session");
  }
}
