import type { Message } from "../../server/protocol/message.ts";

/** More than a reply can hold twice over: only the newest messages are ever given again. */
const REMEMBERED = 1000;

/** Knows the newest messages that were given already. */
export class SeenMessages {
  readonly #marks = new Set<string>();

  /** Whether it was not seen before. From now on it was. */
  admit({ id, at }: Message): boolean {
    // A new epoch gives out the same ids again, for other messages: the time tells them apart.
    const mark = `${id} ${at}`;
    if (this.#marks.has(mark)) return false;
    this.#marks.add(mark);
    if (this.#marks.size > REMEMBERED) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const mark of this.#marks) {
      this.#marks.delete(mark);
      return;
    }
  }
}
