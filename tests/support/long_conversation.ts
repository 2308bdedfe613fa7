import { deadline } from "../../server/base/deadline.ts";
import { assert, assertEquals } from "@std/assert";
import { parseCursor } from "../../server/protocol/cursor.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { RemoteUser } from "./remote_chat.ts";

/** How long (ms) to wait for events of the conversation. */
const TIMEOUT = 30_000;

/** A user who sends messages to one channel. */
export interface Sender {
  readonly user: RemoteUser;
  readonly channel: string;
  /** Acknowledged messages, in the order of sending. */
  readonly acknowledged: Message[];
}

/** A conversation that continues through crashes of the server: requests without a response are repeated. */
export class LongConversation implements AsyncDisposable {
  readonly senders: readonly Sender[];
  /** Messages that the reader has received, in order. */
  readonly received: Message[] = [];
  /** The epochs in the reader's cursors. */
  readonly epochs = new Set<string | undefined>();
  /** The number of requests that were interrupted by a crash. */
  interrupted = 0;
  #running: Promise<unknown> = Promise.resolve();
  #events = 0;
  #onEvent: () => void = () => {};
  #paused = Promise.resolve();
  #resume: (reason?: Error) => void = () => {};
  #isOver = false;

  /** The reader reads `room:tea` and its inbox. Each user sends messages to their channel in sequence. */
  static async begin(
    reader: RemoteUser,
    senders: readonly (readonly [RemoteUser, string])[],
  ): Promise<LongConversation> {
    const conversation = new LongConversation(senders);
    const { cursor } = await reader.poll();
    conversation.#running = Promise.all([
      conversation.#read(reader, cursor),
      ...conversation.senders.map((sender) => conversation.#send(sender)),
    ]);
    // `moment` and `end` report its error.
    conversation.#running.catch(() => {});
    return conversation;
  }

  private constructor(senders: readonly (readonly [RemoteUser, string])[]) {
    this.senders = senders.map(([user, channel]) => ({ user, channel, acknowledged: [] }));
  }

  /** Resolves at the `count`-th event from now: a message is sent, or a response arrives. */
  async moment(count: number): Promise<void> {
    const goal = this.#events + count;
    const reached = new Promise<void>((resolve) => {
      this.#onEvent = () => this.#events === goal && resolve();
    });
    await deadline(Promise.race([reached, this.#running.then(() => reached)]), TIMEOUT);
  }

  /** Stops retries until {@linkcode resume}. */
  pause(): void {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    this.#paused = promise;
    this.#resume = (reason) => reason === undefined ? resolve() : reject(reason);
  }

  resume(): void {
    this.#resume();
  }

  /** Repeats the last message of a sender, and expects the same response. */
  async repeatLast({ user, channel, acknowledged }: Sender): Promise<void> {
    const first = acknowledged.at(-1);
    const response = await user.send(numbered(user, channel, acknowledged.length));

    assertEquals({ status: response.status, message: await response.json() }, {
      status: 200,
      message: first,
    });
  }

  /** Finishes current requests, and reads until nothing more arrives. */
  async end(): Promise<void> {
    this.#isOver = true;
    await deadline(this.#running, TIMEOUT);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#resume(new Error("The conversation was aborted"));
    await Promise.allSettled([this.#running]);
  }

  async #send({ user, channel, acknowledged }: Sender): Promise<void> {
    while (!this.#isOver) {
      const message = numbered(user, channel, acknowledged.length + 1);
      const response = await this.#retry(() => {
        this.#count();
        return user.send(message);
      });
      assert(response.status === 200 || response.status === 201, await response.clone().text());
      acknowledged.push(await response.json());
    }
  }

  async #read(user: RemoteUser, cursor: string): Promise<void> {
    for (let position = cursor, isCaughtUp = false; !this.#isOver || !isCaughtUp;) {
      const poll = { cursor: position, channels: ["room:tea"], hold: 1_000 };
      const response = await this.#retry(() => user.request("POST", "/api/poll", poll));
      assertEquals(response.status, 200, await response.clone().text());
      const reply: PollReply = await response.json();
      assertEquals(reply.gap, false);
      this.received.push(...reply.messages);
      this.epochs.add(parseCursor(reply.cursor)?.epoch);
      position = reply.cursor;
      isCaughtUp = reply.outcome === "timedout";
    }
  }

  /** Retries until there is a response. */
  async #retry(attempt: () => Promise<Response>): Promise<Response> {
    while (true) {
      await this.#paused;
      try {
        const response = await attempt();
        this.#count();
        return response;
      } catch (error) {
        // `fetch` throws a TypeError if the connection breaks.
        if (!(error instanceof TypeError)) throw error;
        this.interrupted++;
      }
    }
  }

  #count(): void {
    this.#events++;
    this.#onEvent();
  }
}

/** The n-th message of a sender, with its own key. */
function numbered({ displayName }: RemoteUser, channel: string, n: number) {
  return { channel, text: `${displayName} says ${n}`, key: `${channel}/${n}` };
}
