import type { Change, Message } from "../../server/protocol/message.ts";

/** More than two replies can contain: only the newest messages can come again. */
const CAPACITY = 1000;

/** Recognizes messages and changes that come again. */
export class SeenMessages {
  readonly #ids = new Set<string>();

  /** Remembers the message or change. Returns whether it is new. */
  admit({ id, at }: Message | Change): boolean {
    // A new epoch assigns the same ids to other messages; the time distinguishes them.
    const unique = `${id} ${at}`;
    if (this.#ids.has(unique)) return false;
    this.#ids.add(unique);
    if (this.#ids.size > CAPACITY) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }
}
