import type { PollReply, PollRequest, SignedIn } from "../../../server/wire.ts";
import { Connection, jsonBytes, ReplyReader, RequestBytes } from "./http.ts";
import { numberIn } from "./sender.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** Is told each message that a reader receives, by the reader's index and the message's number. */
export type OnDelivery = (reader: number, number: number) => void;

/** The longest that Halley allows: no poll of a measurement times out. */
const HOLD = 55_000;
/** Connections are opened so many at a time, and then what came is received. */
const SLICE = 500;

interface News {
  readonly messages: readonly { readonly id: number; readonly number: number }[];
  /** The body of the poll that comes next. */
  readonly nextPoll: Uint8Array<ArrayBuffer>;
}

/** Readers, each with a session and a connection of its own, who poll the same channels again as soon as they have a reply. */
export class Crowd {
  /** Messages received, by all readers together. */
  deliveries = 0;
  /** Replies received, with messages or without. */
  replies = 0;
  /** Replies without any message. */
  emptyReplies = 0;

  readonly #loop: SocketLoop;
  readonly #channels: readonly string[];
  readonly #onDelivery: OnDelivery;
  readonly #news = new ReplyReader(200, (body) => this.#readNews(body));

  /** Opens the connections, and sends the first poll of each. With no channels the readers read their inboxes. */
  constructor(loop: SocketLoop, sessions: readonly SignedIn[], options: CrowdOptions) {
    this.#loop = loop;
    this.#channels = options.channels;
    this.#onDelivery = options.onDelivery;
    const [first] = sessions;
    if (first === undefined) throw new Error("A crowd needs a session");
    const firstPoll = this.#pollFrom(newestCursor(loop, first.privateToken));
    for (const [index, session] of sessions.entries()) {
      this.#startReading(index, session.privateToken, firstPoll);
      if (index % SLICE === 0) loop.runFor(0);
    }
  }

  #startReading(index: number, token: string, firstPoll: Uint8Array<ArrayBuffer>): void {
    const request = new RequestBytes("/api/poll", token);
    let newest = 0;
    const connection = new Connection(this.#loop, this.#news, (news) => {
      connection.send(request.with(news.nextPoll));
      this.replies++;
      if (news.messages.length === 0) this.emptyReplies++;
      for (const { id, number } of news.messages) {
        if (id <= newest) throw new Error(`Message ${id} was delivered after message ${newest}`);
        newest = id;
        this.deliveries++;
        this.#onDelivery(index, number);
      }
    });
    connection.send(request.with(firstPoll));
  }

  #readNews(body: string): News {
    const reply: PollReply = JSON.parse(body);
    if (reply.outcome === "cancelled" || reply.gap) throw new Error(`Unexpected reply: ${body}`);
    const messages = reply.messages.map(({ id, text }) => ({ id, number: numberIn(text) }));
    return { messages, nextPoll: this.#pollFrom(reply.cursor) };
  }

  #pollFrom(cursor: string): Uint8Array<ArrayBuffer> {
    return jsonBytes({ cursor, channels: this.#channels, hold: HOLD } satisfies PollRequest);
  }
}

/** What a {@linkcode Crowd} reads, and who is told. */
export interface CrowdOptions {
  readonly channels: readonly string[];
  readonly onDelivery: OnDelivery;
}

/** The place where a new reader starts: a poll without a cursor tells it at once. */
function newestCursor(loop: SocketLoop, token: string): string {
  let cursor: string | undefined;
  const replies = new ReplyReader(200, (body): PollReply => JSON.parse(body));
  const connection = new Connection(loop, replies, (reply) => cursor = reply.cursor);
  connection.send(new RequestBytes("/api/poll", token).with(jsonBytes({})));
  loop.runUntil(() => cursor !== undefined, 5_000, "waiting for the first cursor");
  return cursor ?? "";
}
