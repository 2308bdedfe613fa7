import { formatChannel } from "../../protocol/channel.ts";
import type { Message } from "../../protocol/message.ts";
import type { HistoryReply } from "../../protocol/replies.ts";
import { isMeantAsPattern } from "../../protocol/room_pattern.ts";
import { isMessage } from "../model/change.ts";
import {
  channelFor,
  checkMayRead,
  checkMayReadPattern,
  mayAdminister,
  mayWrite,
  patternFor,
} from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { MessageLog } from "../model/store.ts";
import { type Entry, type Topic, topicsFor } from "../model/message.ts";
import { Refused } from "../model/refused.ts";
import type { LogReader } from "./log_reader.ts";
import { MessageSearches } from "./message_searches.ts";
import { StoreRequest } from "./read_queue.ts";

/** Number of messages that are read at once by their ids. */
const NAMED_AT_ONCE = 10;

/** Reads single messages and pages of older ones, independently of any cursor. */
export class History {
  readonly search: MessageSearches;
  readonly #log: MessageLog;
  readonly #reader: LogReader;

  constructor(log: MessageLog, reader: LogReader) {
    this.search = new MessageSearches(log, reader);
    this.#log = log;
    this.#reader = reader;
  }

  /**
   * At most `limit` messages of a channel, or of the rooms of a pattern, with ids below `before`, or else the next ones above
   * `after`, newest first, as many as fit into one reply. `onPortion` is called for each portion that is read from the store.
   */
  async page(
    session: Session,
    address: string,
    { onPortion, ...page }: {
      before?: number | undefined;
      after?: number | undefined;
      limit: number;
      onPortion?: () => void;
    },
  ): Promise<HistoryReply> {
    const request = new StoreRequest(session.publicToken, onPortion);
    if (isMeantAsPattern(address)) {
      const pattern = patternFor(address);
      checkMayReadPattern(session, pattern);
      return { ...await this.#read(pattern, page, request), readOnly: true };
    }
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    const room = formatChannel(channel);
    const reply = await this.#read(room, page, request);
    return {
      ...reply,
      ...(!mayWrite(session, channel) && { readOnly: true }),
      ...(channel.kind === "room" && mayAdminister(session.rights, room) &&
        { mayAdminister: true }),
    };
  }

  async #read(
    topic: Topic,
    { before, after, limit }: {
      readonly before?: number | undefined;
      readonly after?: number | undefined;
      readonly limit: number;
    },
    request: StoreRequest,
  ): Promise<HistoryReply> {
    if (after === undefined) return await this.#reader.history(topic, { before, limit }, request);
    if (before !== undefined) {
      throw new Refused("invalid_request", '"before" and "after" cannot be used together');
    }
    return await this.#reader.historyAfter(topic, { after, limit }, request);
  }

  /** Those of the messages with these ids that the channel has, newest first. `onPortion`: as for a page. */
  async named(
    session: Session,
    address: string,
    { ids, onPortion }: { readonly ids: readonly number[]; readonly onPortion?: () => void },
  ): Promise<HistoryReply> {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    const room = formatChannel(channel);
    const request = new StoreRequest(session.publicToken, onPortion);
    // This node may be behind another one, from which the reader has an id.
    await this.#log.newestId();
    const left = [...new Set(ids)].sort((one, other) => other - one);
    const messages: Entry[] = [];
    while (left.length > 0) {
      const some = left.splice(0, NAMED_AT_ONCE);
      const read = () => Promise.all(some.map((id) => this.#log.get(id)));
      for (const entry of await this.#reader.inTurn(request, read)) {
        if (entry?.channel === room && isMessage(entry)) messages.push(entry);
      }
    }
    return { messages, more: false };
  }

  /** The first message after the id `after` among those that a poll of these rooms reads. */
  async firstAfter(
    session: Session,
    rooms: readonly string[],
    after: number,
    onPortion?: () => void,
  ): Promise<Message | undefined> {
    const topics = topicsFor(session.publicToken, rooms);
    const request = new StoreRequest(session.publicToken, onPortion);
    return (await this.#reader.read(topics, after, { request, limit: 1 })).messages[0];
  }

  /** The message with that id, if it is still stored. */
  async get(id: number): Promise<Message | undefined> {
    const entry = await this.#log.get(id);
    return entry !== undefined && isMessage(entry) ? entry : undefined;
  }
}
