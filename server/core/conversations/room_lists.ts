import type { Message } from "../../protocol/message.ts";
import type { RoomListReply, RoomSummary } from "../../protocol/replies.ts";
import type { LogReader } from "../log/log_reader.ts";
import { StoreRequest } from "../log/read_queue.ts";
import { checkMayReadPattern, patternFor, visitorOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Store } from "../model/store.ts";
import type { Presence } from "../presence/presence.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Claims } from "./claims.ts";
import { ConversationLists, shortened } from "./conversation_lists.ts";

/** What {@linkcode RoomLists} is constructed from. */
export interface RoomListsDeps {
  readonly store: Store;
  readonly reader: LogReader;
  readonly sessions: Sessions;
  readonly presence: Presence;
  readonly claims: Claims;
}

/** A page of the rooms of a pattern. */
export interface RoomListQuery {
  /** The beginning of the rooms' names. */
  readonly prefix: string;
  readonly before?: number | undefined;
  readonly limit: number;
  /** Called for each portion that is read from the store. */
  readonly onPortion?: () => void;
}

/** Number of messages that are visited at once, and at most for one page: a room can have many of the newest ones. */
const PORTION = 100;
const VISITED = 1_000;

/** Number of people who are listed of each room. */
const PEOPLE = 10;

/** Number of a room's messages that are read at once to find the last one that is no event, and how often. */
const LAST = { portion: 10, portions: 5 } as const;

/** Lists the rooms of a pattern that have messages, for those who may read the pattern. */
export class RoomLists {
  readonly #deps: RoomListsDeps;
  readonly #lists: ConversationLists;

  constructor(deps: RoomListsDeps) {
    this.#deps = deps;
    this.#lists = new ConversationLists(deps);
  }

  /**
   * A page of the rooms, those with the newest messages first: at most `limit` of them, and fewer, perhaps none, if some have
   * very many new messages. Rejects with `invalid_request` and `not_allowed`.
   */
  async list(
    session: Session,
    { prefix, before, limit, onPortion }: RoomListQuery,
  ): Promise<RoomListReply> {
    const pattern = patternFor(`room:${prefix}*`);
    checkMayReadPattern(session, pattern);
    const request = new StoreRequest(session.publicToken, onPortion);
    const { lasts, next } = await this.#find(pattern, { before, limit }, request);
    const markers = session.isApiKey
      ? []
      : await this.#deps.store.sessions.readMarkers(session.publicToken);
    const readUpTo = new Map(markers.map((marker) => [marker.channel, marker.readUpTo]));
    const rooms: RoomSummary[] = [];
    for (const last of lasts) {
      const { channel } = last;
      const marker = { channel, readUpTo: readUpTo.get(channel) ?? 0, deliveredUpTo: 0 };
      const { unread } = await this.#lists.describe(marker, request);
      const reading = session.isApiKey ? {} : { readUpTo: marker.readUpTo, unread };
      rooms.push({ ...await this.#summaryOf(last, session), ...reading });
    }
    return next === undefined ? { rooms } : { rooms, before: next };
  }

  /** The last messages of the rooms of a page, and where the next page begins. */
  async #find(
    pattern: string,
    { before, limit }: Pick<RoomListQuery, "before" | "limit">,
    request: StoreRequest,
  ): Promise<{ readonly lasts: readonly Message[]; readonly next?: number }> {
    const { reader } = this.#deps;
    const lasts: Message[] = [];
    const visited = new Set<string>();
    let next = before;
    for (let count = 0; count < VISITED; count += PORTION) {
      const page = await reader.history(pattern, { before: next, limit: PORTION }, request);
      for (const { id, channel, event } of page.messages) {
        if (lasts.length === limit) return { lasts, ...(next !== undefined && { next }) };
        next = id;
        if (event !== undefined || visited.has(channel)) continue;
        visited.add(channel);
        const last = await this.#lastOf(channel, request);
        // Otherwise the room was on an earlier page.
        if (last !== undefined && last.id < (before ?? Infinity)) lasts.push(last);
      }
      if (!page.more) return { lasts };
    }
    return { lasts, ...(next !== undefined && { next }) };
  }

  /** The newest message of a room that is no event. */
  async #lastOf(room: string, request: StoreRequest): Promise<Message | undefined> {
    let before: number | undefined;
    for (let count = 0; count < LAST.portions; count++) {
      const options = { before, limit: LAST.portion };
      const { messages, more } = await this.#deps.reader.history(room, options, request);
      const last = messages.find(({ event }) => event === undefined);
      if (last !== undefined || !more) return last;
      before = messages.at(-1)?.id;
    }
    return undefined;
  }

  async #summaryOf(last: Message, { rights }: Session): Promise<RoomSummary> {
    const { claims, presence, sessions } = this.#deps;
    const { channel } = last;
    const { claimedBy, closedBy } = await claims.stateOf(channel);
    const publicToken = visitorOf(rights, channel);
    const visitor = publicToken === undefined ? undefined : await sessions.find(publicToken);
    return {
      channel,
      last,
      ...shortened(last),
      present: presence.count(channel),
      people: presence.list(channel, PEOPLE),
      ...(claimedBy && { claimedBy }),
      ...(closedBy && { closedBy }),
      ...(visitor && { visitor: visitor.person }),
    };
  }
}
