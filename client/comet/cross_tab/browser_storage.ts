import type { Platform } from "../platform.ts";
import { randomKeyFrom } from "../random_key.ts";
import type { Turns } from "../turns.ts";

/** Changes with the messages between tabs: tabs with different versions of this library do not share a poll. */
export const VERSION = 4;

const TAB_KEY = `halley.browser.${VERSION}`;

/**
 * The name of the tab under which a group polls, whichever of its pages does. It never changes. Other groups of this
 * browser have other names: they can belong to the same session, whose server supersedes polls of the same name. Returns
 * `undefined` if the browser cannot store it.
 */
export function groupTab(platform: Platform, group: string): string | undefined {
  const browser = readItem(platform, TAB_KEY) ?? randomKeyFrom(platform);
  return writeItem(platform, TAB_KEY, browser) ? `${browser}.${group}` : undefined;
}

/** The turns of all pages of a browser that poll under one name, one after another. */
export class BrowserTurns implements Turns {
  readonly #platform: Platform;
  readonly #key: string;
  #own = 0;

  constructor(platform: Platform, group: string) {
    this.#platform = platform;
    this.#key = `halley.turn.${group}`;
  }

  get isOvertaken(): boolean {
    return this.#stored > this.#own;
  }

  next(): number {
    // Higher than the stored turn too, since the clock may have been set back.
    this.#own = Math.max(this.#own + 1, this.#stored + 1, this.#platform.Date.now());
    writeItem(this.#platform, this.#key, String(this.#own));
    return this.#own;
  }

  /** Removes the stored turn. */
  clear(): void {
    removeItem(this.#platform, this.#key);
  }

  get #stored(): number {
    return Number(readItem(this.#platform, this.#key)) || 0;
  }
}

/** Reads from the storage that all pages of the origin share. Returns `undefined` if there is no such item. */
export function readItem(platform: Platform, key: string): string | undefined {
  try {
    return platform.localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // The browser forbids it.
  }
}

/** Returns whether the item could be stored. */
export function writeItem(platform: Platform, key: string, value: string): boolean {
  try {
    platform.localStorage.setItem(key, value);
    return true;
  } catch {
    return false; // Forbidden, or the quota is exceeded.
  }
}

export function removeItem(platform: Platform, key: string): void {
  try {
    platform.localStorage.removeItem(key);
  } catch {
    // Forbidden: then there is no such item.
  }
}
