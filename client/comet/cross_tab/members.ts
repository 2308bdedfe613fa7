import type { Platform } from "../platform.ts";
import type { Announcement } from "./tab_channel.ts";

/** Time in ms after which a silent member is gone. Even hidden pages can announce themselves once a minute. */
const MAX_SILENCE = 150_000;

/** The other members of a group, and what they want to read. */
export class Members {
  readonly #platform: Platform;
  readonly #members = new Map<string, { readonly wants: Announcement; readonly at: number }>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  add(wants: Announcement): void {
    this.#members.set(wants.from, { wants, at: this.#platform.Date.now() });
  }

  remove(member: string): void {
    this.#members.delete(member);
  }

  get channels(): readonly string[] {
    return this.#current().flatMap(({ channels }) => channels);
  }

  /** Whether one of their pages is visible. */
  get isActive(): boolean {
    return this.#current().some(({ presence }) => presence === "active");
  }

  #current(): Announcement[] {
    const now = this.#platform.Date.now();
    for (const [member, { at }] of this.#members) {
      if (now - at > MAX_SILENCE) this.#members.delete(member);
    }
    return [...this.#members.values()].map(({ wants }) => wants);
  }
}
