import type { PubAck } from "@nats-io/jetstream";
import { Deque } from "../../core/deque.ts";
import type { Draft } from "../../core/message.ts";
import { formatPayload, formatSubject } from "./log_format.ts";
import { type NatsLink, unavailable } from "./nats_link.ts";

/** So many drafts wait for their acknowledgement at a time: more would only make the answers late. */
const AT_A_TIME = 512;

/** So many may wait for their turn; more are refused, not kept in memory. */
const IN_LINE = 20_000;

const BUSY = "too much waits to be written";

/** Publishes drafts to a log's stream, in the order in which they come, without waiting for one before the next. */
export class LogPublisher {
  readonly #link: NatsLink;
  readonly #prefix: string;
  readonly #line = new Deque<() => void>();
  #onTheWay = 0;

  constructor(link: NatsLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  /** Refuses with `store_unavailable` when so many more drafts are too many. */
  checkRoom(drafts: number): void {
    if (this.#line.length + drafts > IN_LINE) throw unavailable(BUSY);
  }

  /**
   * Resolves when the draft is durable; with a `duplicate`, when it was before, under the same key. Refuses with
   * `store_unavailable`, within the link's patience.
   */
  async publish(draft: Draft, key: string): Promise<PubAck> {
    const start = performance.now();
    const subject = formatSubject(this.#prefix, draft.channel);
    const payload = formatPayload(draft);
    const turn = this.#turn();
    if (turn !== undefined) await turn;
    try {
      if (performance.now() - start > this.#link.patience) throw unavailable(BUSY);
      return await this.#link.ask(() => this.#offer(subject, payload, key), start);
    } finally {
      this.#next();
    }
  }

  async #offer(subject: string, payload: string, msgID: string): Promise<PubAck> {
    const ack = await this.#link.js.publish(subject, payload, { msgID });
    // Of a message that another request has on its way, the leader does not know the place yet.
    if (ack.seq === 0) throw new Error("the same message is on its way");
    return ack;
  }

  #turn(): Promise<void> | undefined {
    if (this.#onTheWay < AT_A_TIME) {
      this.#onTheWay += 1;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#line.push(resolve);
    return promise;
  }

  /** Hands a place on, so that nobody who comes later takes it. */
  #next(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#onTheWay -= 1;
    else next();
  }
}
