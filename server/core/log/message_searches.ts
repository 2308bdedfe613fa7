import { formatChannel, isPublicToken, parseChannel } from "../../protocol/channel.ts";
import type { Message } from "../../protocol/message.ts";
import type { SearchHit, SearchReply } from "../../protocol/replies.ts";
import type { LogReader } from "./log_reader.ts";
import { StoreRequest } from "./read_queue.ts";
import { isMessage } from "../model/change.ts";
import { encode, inboxOf } from "../model/message.ts";
import type { Phrase, SearchPortion, SearchTerms } from "../model/message_search.ts";
import { Refused } from "../model/refused.ts";
import { type Asker, channelFor, checkMayRead, mayRead } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { MessageLog } from "../model/store.ts";
import { firstAfter, idBefore } from "./first_after.ts";
import { ALL_ROOMS, foundRanges, hasTerms, phrasesOf } from "./search_query.ts";

/** What somebody searches for. Times are Unix times in ms. */
export interface SearchQuery {
  readonly q: string;
  /** Only in this channel; by default, everywhere. */
  readonly channel?: string | undefined;
  /** Only what this person has sent. */
  readonly from?: string | undefined;
  /** Only from this time on, and before that one. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  /** Called for each portion that is read from the store. */
  readonly onPortion?: () => void;
}

/** Number of messages that are looked at in one portion, and of portions for one page: a page can have fewer hits, or none. */
const PORTION = 100;
const PORTIONS = 20;

/** Maximum size of the messages of a page in bytes, unless the first one is larger. */
const PAGE_BYTES = 256 * 1024;

/** What a page is made of. */
interface Search {
  readonly session: Session;
  readonly terms: SearchTerms;
  readonly limit: number;
  readonly since: number;
  readonly until: number;
  readonly request: StoreRequest;
}

/**
 * Finds messages by their words, among those that a session may read at this moment. What the index of the store names is
 * looked at again, so that nothing else is found. Without an index, one channel is searched by reading its history.
 */
export class MessageSearches {
  readonly #log: MessageLog;
  readonly #reader: LogReader;

  constructor(log: MessageLog, reader: LogReader) {
    this.#log = log;
    this.#reader = reader;
  }

  /** A page of what is found, newest first. Rejects with `invalid_request`, `not_allowed` and `search_unavailable`. */
  async page(session: Session, query: SearchQuery): Promise<SearchReply> {
    const { channel, from, limit, since = 0, until = Infinity, onPortion } = query;
    const phrases = phrasesOf(query.q);
    const places = placesFor(session, channel);
    if (from !== undefined && !isPublicToken(from)) {
      throw new Refused("invalid_request", '"from" must be a public token');
    }
    if (channel === undefined) this.#checkHasIndex();
    if (phrases.length === 0 || places.length === 0 || since >= until) return { hits: [] };
    const request = new StoreRequest(session.publicToken, onPortion);
    const after = since > 0 ? await this.#idBefore(since, request) : 0;
    const end = until < Infinity ? await this.#idBefore(until, request) + 1 : Infinity;
    const terms = { phrases, places, from, after };
    const before = Math.min(end, query.before ?? Infinity);
    return await this.#find({ session, terms, limit, since, until, request }, before);
  }

  /** The first message of a channel, or the first one from a Unix time in ms on. Rejects as {@linkcode page} does. */
  async first(
    session: Session,
    address: string,
    { since = 0, onPortion }: { readonly since?: number | undefined; onPortion?: () => void },
  ): Promise<Message | undefined> {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    const request = new StoreRequest(session.publicToken, onPortion);
    const after = since > 0 ? await this.#idBefore(since, request) : 0;
    const reader = this.#reader;
    return await firstAfter(formatChannel(channel), { after, since, reader, request });
  }

  async #find(search: Search, start: number): Promise<SearchReply> {
    const { limit, terms: { phrases } } = search;
    const hits: SearchHit[] = [];
    let bytes = 0;
    let before: number | undefined = start;
    let unindexed = 0;
    for (let count = 0; count < PORTIONS && before !== undefined; count++) {
      const portion: SearchPortion = await this.#portion(search, before);
      unindexed = portion.unindexed;
      for (const message of portion.messages.filter((one) => isFound(one, search))) {
        bytes += encode(message).bytes;
        const isFull = hits.length === limit || hits.length > 0 && bytes > PAGE_BYTES;
        if (isFull) return replyOf(hits, { before: lastId(hits), unindexed });
        hits.push(hitOf(message, phrases));
      }
      before = portion.before;
    }
    return replyOf(hits, { before, unindexed });
  }

  async #portion({ terms, request }: Search, before: number): Promise<SearchPortion> {
    const { search } = this.#log;
    if (search !== undefined) {
      return await this.#reader.inTurn(request, () => search.find(terms, before, PORTION));
    }
    const [channel = ""] = terms.places;
    const start = before === Infinity ? undefined : before;
    const page = await this.#reader.history(channel, { before: start, limit: PORTION }, request);
    const last = page.messages.at(-1)?.id ?? 0;
    const messages = page.messages.filter((message) => hasTerms(message, terms));
    const isMore = page.more && last > terms.after + 1;
    return { messages, before: isMore ? last : undefined, unindexed: 0 };
  }

  #idBefore(time: number, request: StoreRequest): Promise<number> {
    // One portion for all of these entries, which are few.
    request.countPortion();
    const quiet = new StoreRequest(request.owner);
    const inTurn = <T>(read: () => Promise<T>) => this.#reader.inTurn(quiet, read);
    return idBefore(time, { log: this.#log, inTurn });
  }

  #checkHasIndex(): void {
    if (this.#log.search !== undefined) return;
    const detail = 'This store has no index of words: search one conversation, with "channel"';
    throw new Refused("search_unavailable", detail);
  }
}

/** The places that a session searches: a channel that it may read, or everything that it may. */
function placesFor(session: Session, address: string | undefined): readonly string[] {
  const { publicToken } = session;
  if (address !== undefined) {
    const channel = channelFor(publicToken, address);
    checkMayRead(session, channel);
    return [formatChannel(channel)];
  }
  return [inboxOf(publicToken), "notice", ...readableRooms(session) ?? [ALL_ROOMS]];
}

/** Maximum number of rooms that are named one by one. */
const NAMED_ROOMS = 50;

/** The rooms that a session may read, if its rights name them; `undefined` if they are those of prefixes, or many. */
function readableRooms({ publicToken, rights }: Asker): readonly string[] | undefined {
  const { read, admin, patterns, visitorRooms } = rights;
  const lists = [read, admin, patterns];
  if (lists.some((list) => list.patterns.length > 0)) return undefined;
  const own = visitorRooms.patterns.map((word) => `${word.slice(0, -1)}${publicToken}`);
  const named = lists.flatMap((list) => list.addresses);
  const rooms = [...new Set([...own, ...named])].filter((address) => address.startsWith("room:"));
  return rooms.length > NAMED_ROOMS ? undefined : rooms;
}

/** Whether a message that has the terms is one that the session may read now, and of the time that was asked for. */
function isFound(message: Message, { session, since, until }: Search): boolean {
  const channel = parseChannel(message.channel);
  return channel !== undefined && mayRead(session, channel) && isMessage(message) &&
    message.at >= since && message.at < until;
}

function hitOf(message: Message, phrases: readonly Phrase[]): SearchHit {
  return { message, words: foundRanges(message, phrases) };
}

function lastId(hits: readonly SearchHit[]): number | undefined {
  return hits.at(-1)?.message.id;
}

function replyOf(
  hits: readonly SearchHit[],
  { before, unindexed }: { readonly before: number | undefined; readonly unindexed: number },
): SearchReply {
  return {
    hits,
    ...(before !== undefined && { before }),
    ...(unindexed > 0 && { unindexed }),
  };
}
