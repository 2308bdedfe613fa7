import { Refused } from "../model/refused.ts";

/** Maximum number of private tokens. */
const CAPACITY = 1_000;

/** Private tokens of sessions that administrators have recently ended, so that their clients are told the reason. */
export class RecentKicks {
  readonly #privateTokens = new Set<string>();

  add(privateTokens: Iterable<string>): void {
    for (const token of privateTokens) this.#privateTokens.add(token);
    for (const token of this.#privateTokens) {
      if (this.#privateTokens.size <= CAPACITY) return;
      this.#privateTokens.delete(token);
    }
  }

  /** Rejects the private token of such a session with `kicked`. */
  check(privateToken: string): void {
    if (!this.#privateTokens.has(privateToken)) return;
    throw new Refused("kicked", "An administrator has ended this session");
  }
}
