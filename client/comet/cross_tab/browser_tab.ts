import { randomKey } from "../random_key.ts";
import type { Turns } from "../turns.ts";
import { keepWord, readWord } from "./local_storage.ts";

const NAME = "halley.browser";

/** The name under which this browser polls, whichever of its tabs does: the same for good. `undefined` where nothing can be kept. */
export function browserName(): string | undefined {
  const name = readWord(NAME) ?? randomKey();
  return keepWord(NAME, name) ? name : undefined;
}

/** The turns of all tabs of a browser that poll under one name, one after the other. */
export class BrowserTurns implements Turns {
  readonly #key: string;
  #own = 0;

  constructor(group: string) {
    this.#key = `halley.turn.${group}`;
  }

  get isPassed(): boolean {
    return this.#kept > this.#own;
  }

  next(): number {
    // What was kept counts too: the clock may have been set back since.
    this.#own = Math.max(this.#own + 1, this.#kept + 1, Date.now());
    keepWord(this.#key, String(this.#own));
    return this.#own;
  }

  /** Keeps none any more. */
  forget(): void {
    keepWord(this.#key, undefined);
  }

  get #kept(): number {
    return Number(readWord(this.#key)) || 0;
  }
}
