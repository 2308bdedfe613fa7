import type { PollReply, SignedIn } from "../../../server/protocol/replies.ts";
import type { PollRequest } from "../../../server/protocol/requests.ts";
import { Connection, jsonBytes, ReplyReader, RequestBytes } from "./http.ts";
import { numberIn } from "./sender.ts";
import type { SocketLoop } from "./socket_loop.ts";

/** Is told each message that a reader receives, by the reader's index and the message's number. */
export type OnDelivery = (reader: number, number: number) => void;

/** The longest that Halley allows: no poll of a measurement times out. */
const HOLD = 55_000;
/** So many readers may have come and not have their first reply: more would fill the queue of connections. */
const AT_THE_DOOR = 256;
const LIMIT = 60_000;

interface News {
  readonly messages: readonly { readonly id: number; readonly number: number }[];
  /** The body of the poll that comes next. */
  readonly nextPoll: Uint8Array<ArrayBuffer>;
}

/** What a {@linkcode Crowd} reads, and who is told. */
export interface CrowdOptions {
  /** With none, the readers read their inboxes. */
  readonly channels: readonly string[];
  readonly onDelivery: OnDelivery;
}

/** Readers, each with a session and a connection of its own, who poll again as soon as they have a reply. */
export class Crowd {
  /** Messages received, by all readers together. */
  deliveries = 0;
  /** Replies received, the first ones among them. */
  replies = 0;

  readonly #loop: SocketLoop;
  readonly #options: CrowdOptions;
  readonly #news = new ReplyReader(200, (body) => this.#readNews(body));

  /** Lets every reader come: it connects, learns its first cursor, and parks. */
  constructor(loop: SocketLoop, sessions: readonly SignedIn[], options: CrowdOptions) {
    this.#loop = loop;
    this.#options = options;
    for (const [index, session] of sessions.entries()) {
      this.#startReading(index, session.privateToken);
      const isRoom = () => index + 1 - this.replies < AT_THE_DOOR;
      if (!isRoom()) loop.runUntil(isRoom, LIMIT, "letting the readers come");
    }
    loop.runUntil(() => this.replies >= sessions.length, LIMIT, "letting the readers come");
  }

  #startReading(index: number, token: string): void {
    const request = new RequestBytes("/api/poll", token);
    let newest = 0;
    const connection = new Connection(this.#loop, this.#news, (news) => {
      connection.send(request.with(news.nextPoll));
      this.replies++;
      for (const { id, number } of news.messages) {
        if (id <= newest) throw new Error(`Message ${id} was delivered after message ${newest}`);
        newest = id;
        this.deliveries++;
        this.#options.onDelivery(index, number);
      }
    });
    connection.send(request.with(this.#pollFrom()));
  }

  #readNews(body: string): News {
    const reply: PollReply = JSON.parse(body);
    if (reply.outcome === "cancelled" || reply.gap) throw new Error(`Unexpected reply: ${body}`);
    const messages = reply.messages.map(({ id, text }) => ({ id, number: numberIn(text) }));
    return { messages, nextPoll: this.#pollFrom(reply.cursor) };
  }

  /** Without a cursor, the poll is answered at once. */
  #pollFrom(cursor?: string): Uint8Array<ArrayBuffer> {
    const { channels } = this.#options;
    const place = cursor !== undefined && { cursor };
    return jsonBytes({ ...place, channels, hold: HOLD } satisfies PollRequest);
  }
}
