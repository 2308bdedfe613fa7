import type { PollReply, SignedIn } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";
import { Connection, jsonBytes, ReplyReader, RequestBytes } from "./http.ts";
import { numberIn } from "./sender.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** Called for each message that a reader receives, with the reader's index and the message's number. */
export type OnDelivery = (reader: number, number: number) => void;

/** The maximum hold, so that no poll times out during a measurement. */
const HOLD = 55_000;
/** Maximum number of readers without a first reply. More would fill the backlog of the listener. */
const MAX_CONNECTING = 256;
const TIMEOUT = 60_000;

interface Reply {
  readonly messages: readonly { readonly id: number; readonly number: number }[];
  /** The body of the next poll. */
  readonly nextPoll: Uint8Array<ArrayBuffer>;
}

/** What the readers read. */
export interface ReadersOptions {
  /** If empty, they read their inboxes. */
  readonly channels: readonly string[];
  readonly onDelivery: OnDelivery;
}

/** Readers, each with its own session and connection, that poll again after each reply. */
export class Readers {
  /** Messages received by all readers together. */
  deliveries = 0;
  /** Replies received, including the first ones. */
  replies = 0;

  readonly #loop: SocketLoop;
  readonly #options: ReadersOptions;
  readonly #replyReader = new ReplyReader(200, (body) => this.#readReply(body));

  /** Connects all readers: each gets its first cursor, and parks a poll. */
  constructor(
    loop: SocketLoop,
    sessions: readonly Pick<SignedIn, "privateToken">[],
    options: ReadersOptions,
  ) {
    this.#loop = loop;
    this.#options = options;
    for (const [index, session] of sessions.entries()) {
      this.#startReading(index, session.privateToken);
      const canConnect = () => index + 1 - this.replies < MAX_CONNECTING;
      if (!canConnect()) loop.runUntil(canConnect, TIMEOUT, "connecting the readers");
    }
    loop.runUntil(() => this.replies >= sessions.length, TIMEOUT, "connecting the readers");
  }

  #startReading(index: number, token: string): void {
    const request = new RequestBytes("/api/poll", token);
    let newest = 0;
    const connection = new Connection(this.#loop, this.#replyReader, (reply) => {
      connection.send(request.with(reply.nextPoll));
      this.replies++;
      for (const { id, number } of reply.messages) {
        if (id <= newest) throw new Error(`Message ${id} was delivered after message ${newest}`);
        newest = id;
        this.deliveries++;
        this.#options.onDelivery(index, number);
      }
    });
    connection.send(request.with(this.#pollFrom()));
  }

  #readReply(body: string): Reply {
    const reply: PollReply = JSON.parse(body);
    if (reply.outcome === "cancelled" || reply.gap) throw new Error(`Unexpected reply: ${body}`);
    const messages = reply.messages.map(({ id, text }) => ({ id, number: numberIn(text) }));
    return { messages, nextPoll: this.#pollFrom(reply.cursor) };
  }

  /** A poll without a cursor is answered at once. */
  #pollFrom(cursor?: string): Uint8Array<ArrayBuffer> {
    const { channels } = this.#options;
    const position = cursor !== undefined && { cursor };
    return jsonBytes({ ...position, channels, hold: HOLD } satisfies PollRequest);
  }
}
