import type { Mark } from "../../core/store.ts";
import type { Bucket } from "./bucket.ts";

/** The marks of all sessions: one value for each session in a key-value bucket. */
export class NatsMarks {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async of(publicToken: string): Promise<readonly Mark[]> {
    return parseMarks((await this.#bucket.get(keyOf(publicToken)))?.value);
  }

  /** Sets a mark, or moves it on: neither of its ids goes back. */
  async set(publicToken: string, { channel, readUpTo, deliveredUpTo }: Mark): Promise<void> {
    await this.#bucket.change(keyOf(publicToken), (value) => {
      const marks = parseMarks(value);
      const old = marks.find((mark) => mark.channel === channel);
      const mark = {
        channel,
        readUpTo: Math.max(readUpTo, old?.readUpTo ?? 0),
        deliveredUpTo: Math.max(deliveredUpTo, old?.deliveredUpTo ?? 0),
      };
      return JSON.stringify([...marks.filter((one) => one !== old), mark]);
    });
  }

  async remove(publicToken: string, channel: string): Promise<void> {
    await this.#bucket.change(keyOf(publicToken), (value) => {
      if (value === undefined) return undefined;
      return JSON.stringify(parseMarks(value).filter((mark) => mark.channel !== channel));
    });
  }

  /** Removes the marks of a session that has ended. */
  removeAll(publicToken: string): Promise<void> {
    return this.#bucket.remove(keyOf(publicToken));
  }
}

function keyOf(publicToken: string): string {
  return `marks.${publicToken}`;
}

function parseMarks(value = "[]"): readonly Mark[] {
  return JSON.parse(value);
}
