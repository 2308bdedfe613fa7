import { Deque } from "../../core/deque.ts";
import { encode, type Message } from "../../core/message.ts";

/** How much is kept in memory at most, so that it need not be fetched. */
export const RECENT = { messages: 4_096, bytes: 16 * 2 ** 20, keys: 200_000 } as const;

/** The newest messages of a log, and the keys of more of them. */
export class RecentMessages {
  readonly #byId = new Map<number, Message>();
  readonly #order = new Deque<Message>();
  readonly #keys = new Map<string, number>();
  /** A map that shrinks at its start would be searched from there each time. */
  readonly #keyOrder = new Deque<string>();
  #bytes = 0;

  add(message: Message): void {
    this.#byId.set(message.id, message);
    this.#order.push(message);
    this.#bytes += encode(message).bytes;
    while (this.#order.length > RECENT.messages || this.#bytes > RECENT.bytes) this.#evict();
  }

  get(id: number): Message | undefined {
    return this.#byId.get(id);
  }

  addKey(key: string, id: number): void {
    this.#keys.set(key, id);
    this.#keyOrder.push(key);
    if (this.#keyOrder.length > RECENT.keys) this.#keys.delete(this.#keyOrder.shift() ?? "");
  }

  /** The id of the message with that key, where it is known here. */
  findKey(key: string): number | undefined {
    return this.#keys.get(key);
  }

  #evict(): void {
    const oldest = this.#order.shift();
    if (oldest === undefined) return;
    this.#byId.delete(oldest.id);
    this.#bytes -= encode(oldest).bytes;
  }
}
