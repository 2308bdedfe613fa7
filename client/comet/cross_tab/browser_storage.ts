import { randomKey } from "../random_key.ts";
import type { Turns } from "../turns.ts";

/** Changes with the messages between tabs: tabs with different versions of this library do not share a poll. */
export const VERSION = 3;

const TAB_KEY = `halley.browser.${VERSION}`;

/**
 * The name of the tab under which a group polls, whichever of its pages does. It never changes. Other groups of this
 * browser have other names: they can belong to the same session, whose server supersedes polls of the same name. Returns
 * `undefined` if the browser cannot store it.
 */
export function groupTab(group: string): string | undefined {
  const browser = readItem(TAB_KEY) ?? randomKey();
  return writeItem(TAB_KEY, browser) ? `${browser}.${group}` : undefined;
}

/** The turns of all pages of a browser that poll under one name, one after another. */
export class BrowserTurns implements Turns {
  readonly #key: string;
  #own = 0;

  constructor(group: string) {
    this.#key = `halley.turn.${group}`;
  }

  get isOvertaken(): boolean {
    return this.#stored > this.#own;
  }

  next(): number {
    // Higher than the stored turn too, since the clock may have been set back.
    this.#own = Math.max(this.#own + 1, this.#stored + 1, Date.now());
    writeItem(this.#key, String(this.#own));
    return this.#own;
  }

  /** Removes the stored turn. */
  clear(): void {
    removeItem(this.#key);
  }

  get #stored(): number {
    return Number(readItem(this.#key)) || 0;
  }
}

/** Reads from the storage that all pages of the origin share. Returns `undefined` if there is no such item. */
export function readItem(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // The browser forbids it.
  }
}

/** Returns whether the item could be stored. */
export function writeItem(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false; // Forbidden, or the quota is exceeded.
  }
}

export function removeItem(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Forbidden: then there is no such item.
  }
}
