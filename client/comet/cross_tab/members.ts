import type { Here } from "./tab_channel.ts";

/** A member that has not been heard of for so long (ms) is gone: even hidden pages may speak once a minute. */
const PATIENCE = 150_000;

/** Who belongs to a group besides oneself, and what they want. */
export class Members {
  readonly #members = new Map<string, { readonly wants: Here; readonly at: number }>();

  note(wants: Here): void {
    this.#members.set(wants.from, { wants, at: Date.now() });
  }

  remove(member: string): void {
    this.#members.delete(member);
  }

  get channels(): readonly string[] {
    return this.#wants().flatMap(({ channels }) => channels);
  }

  /** Whether somebody looks at one of their pages. */
  get isActive(): boolean {
    return this.#wants().some(({ presence }) => presence === "active");
  }

  #wants(): Here[] {
    const now = Date.now();
    for (const [member, { at }] of this.#members) {
      if (now - at > PATIENCE) this.#members.delete(member);
    }
    return [...this.#members.values()].map(({ wants }) => wants);
  }
}
