import { deadline } from "../../server/base/deadline.ts";
import { assert, assertEquals } from "@std/assert";
import { parseCursor } from "../../server/protocol/cursor.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { RemoteUser } from "./remote_chat.ts";

/** No conversation is silent for so long (ms). */
const PATIENCE = 30_000;

/** Somebody who keeps sending to one channel. */
export interface Sender {
  readonly user: RemoteUser;
  readonly channel: string;
  /** What was acknowledged, in the order of sending. */
  readonly acknowledged: Message[];
}

/** A conversation that goes on through every crash: what is not answered is tried again. */
export class LongConversation implements AsyncDisposable {
  readonly senders: readonly Sender[];
  /** What the reader was given, in the order in which it came. */
  readonly received: Message[] = [];
  /** The lives of the log that the reader's cursors name. */
  readonly epochs = new Set<string | undefined>();
  /** How many requests a crash has cut off. */
  interrupted = 0;
  #talk: Promise<unknown> = Promise.resolve();
  #events = 0;
  #onEvent: () => void = () => {};
  #pause = Promise.resolve();
  #resume: (reason?: Error) => void = () => {};
  #isOver = false;

  /** The reader reads `room:tea` and its inbox; each user sends to its channel, one message after another. */
  static async begin(
    reader: RemoteUser,
    senders: readonly (readonly [RemoteUser, string])[],
  ): Promise<LongConversation> {
    const conversation = new LongConversation(senders);
    const { cursor } = await reader.poll();
    conversation.#talk = Promise.all([
      conversation.#read(reader, cursor),
      ...conversation.senders.map((sender) => conversation.#send(sender)),
    ]);
    // Who waits for a moment, or for the end, is told.
    conversation.#talk.catch(() => {});
    return conversation;
  }

  private constructor(senders: readonly (readonly [RemoteUser, string])[]) {
    this.senders = senders.map(([user, channel]) => ({ user, channel, acknowledged: [] }));
  }

  /** Resolves in the moment of the `count`-th event from now: a message leaves, or an answer comes. */
  async moment(count: number): Promise<void> {
    const goal = this.#events + count;
    const reached = new Promise<void>((resolve) => {
      this.#onEvent = () => this.#events === goal && resolve();
    });
    await deadline(Promise.race([reached, this.#talk.then(() => reached)]), PATIENCE);
  }

  /** Nobody tries again until {@linkcode resume}. */
  pause(): void {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    this.#pause = promise;
    this.#resume = (reason) => reason === undefined ? resolve() : reject(reason);
  }

  resume(): void {
    this.#resume();
  }

  /** Sends a sender's last message again; the answer is the message that it was the first time. */
  async repeatLast({ user, channel, acknowledged }: Sender): Promise<void> {
    const first = acknowledged.at(-1);
    const answer = await user.send(numbered(user, channel, acknowledged.length));

    assertEquals({ status: answer.status, message: await answer.json() }, {
      status: 200,
      message: first,
    });
  }

  /** Everybody finishes what they have begun; the reader reads until there is nothing more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await deadline(this.#talk, PATIENCE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#resume(new Error("The conversation was broken off"));
    await Promise.allSettled([this.#talk]);
  }

  async #send({ user, channel, acknowledged }: Sender): Promise<void> {
    while (!this.#isOver) {
      const message = numbered(user, channel, acknowledged.length + 1);
      const answer = await this.#persist(() => {
        this.#note();
        return user.send(message);
      });
      assert(answer.status === 200 || answer.status === 201, await answer.clone().text());
      acknowledged.push(await answer.json());
    }
  }

  async #read(user: RemoteUser, cursor: string): Promise<void> {
    for (let place = cursor, isCaughtUp = false; !this.#isOver || !isCaughtUp;) {
      const poll = { cursor: place, channels: ["room:tea"], hold: 1_000 };
      const answer = await this.#persist(() => user.request("POST", "/api/poll", poll));
      assertEquals(answer.status, 200, await answer.clone().text());
      const reply: PollReply = await answer.json();
      assertEquals(reply.gap, false);
      this.received.push(...reply.messages);
      this.epochs.add(parseCursor(reply.cursor)?.epoch);
      place = reply.cursor;
      isCaughtUp = reply.outcome === "timedout";
    }
  }

  /** Tries until there is an answer. */
  async #persist(attempt: () => Promise<Response>): Promise<Response> {
    while (true) {
      await this.#pause;
      try {
        const answer = await attempt();
        this.#note();
        return answer;
      } catch (error) {
        // What `fetch` throws when the connection breaks.
        if (!(error instanceof TypeError)) throw error;
        this.interrupted++;
      }
    }
  }

  #note(): void {
    this.#events++;
    this.#onEvent();
  }
}

/** The n-th message of a sender, with a key of its own. */
function numbered({ displayName }: RemoteUser, channel: string, n: number) {
  return { channel, text: `${displayName} says ${n}`, key: `${channel}/${n}` };
}
