import { wallNow } from "../../base/clock.ts";
import { type Channel, formatChannel } from "../../protocol/channel.ts";
import { UNREAD_LIMIT } from "../../protocol/limits.ts";
import type { Conversation, ConversationsReply, Correspondent } from "../../protocol/replies.ts";
import type { Message } from "../../protocol/message.ts";
import type { Signal } from "../../protocol/signal.ts";
import type { LogReader } from "../log/log_reader.ts";
import { StoreRequest } from "../log/read_queue.ts";
import { encode } from "../model/message.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { channelFor, checkMayRead, mayRead, otherOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { ReadMarker, Store } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Receipts } from "./receipts.ts";

/** What {@linkcode Conversations} is constructed from. */
export interface ConversationsDeps {
  readonly sessions: Sessions;
  readonly store: Store;
  readonly reader: LogReader;
  readonly receipts: Receipts;
}

/** Maximum number of open conversations per session. */
const OPEN_LIMIT = 500;

/**
 * Maximum number of further pages that one list reads because own messages fill the first one of a conversation. Beyond
 * it, fewer messages are counted than there are.
 */
const MORE_PAGES = 50;

/** Messages of others open conversations up to this number: the rest are for those that the session opens itself. */
const OPEN_BY_OTHERS = 400;

/** Number of conversations that are described at the same time, for stores over the network. */
const CONCURRENT = 8;

/** Maximum size in a list of the last message of a conversation as JSON, and the length of a longer one's text. */
const LAST_BYTES = 1_024;
const SHORTENED_LENGTH = 200;

/** Maximum number of pairs that are remembered as open, so that a direct message need not ask the store. */
const OPEN_PAIRS = 50_000;

/** The conversations that each session has open, and its read markers in them. */
export class Conversations implements Disposable {
  readonly #deps: ConversationsDeps;
  readonly #openPairs = new Set<string>();
  /** The lists that are being made for a session, and the one after that. */
  readonly #lists = new Map<string, {
    readonly running: Promise<readonly Conversation[]>;
    readonly next?: Promise<readonly Conversation[]>;
  }>();
  readonly #subscription: Disposable;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
    this.#subscription = deps.store.bus.listen((event) => {
      if (event.type !== "signal" || event.signal.type !== "closed") return;
      this.#openPairs.delete(event.signal.channel);
    });
  }

  /**
   * The open conversations of a session, those with the newest messages first. `onPortion` is called for each portion that
   * is read from the store.
   */
  async list(session: Session, onPortion?: () => void): Promise<ConversationsReply> {
    const { publicToken } = session;
    const all = await this.#listAll(new StoreRequest(publicToken, onPortion));
    // The session may have lost the right to read one since it was opened.
    const conversations = all.filter(({ channel }) =>
      mayRead(session, channelFor(publicToken, channel))
    );
    return { conversations };
  }

  /**
   * Opens a conversation. `readUpTo` moves the read marker forward, at most to the newest message. Rejects with
   * `too_many_conversations`.
   */
  async open(
    session: Session,
    address: string,
    { readUpTo = 0, tab = "" }: { readUpTo?: number; tab?: string } = {},
  ): Promise<void> {
    const channel = this.#channel(session, address);
    const { publicToken, person: from } = session;
    const { sessions } = this.#deps.store;
    const markers = await sessions.readMarkers(publicToken);
    const old = markers.find((marker) => marker.channel === channel);
    if (old === undefined && markers.length >= OPEN_LIMIT) {
      const detail = `At most ${OPEN_LIMIT} conversations can be open: close one first`;
      throw new Refused("too_many_conversations", detail);
    }
    // Another node may have delivered messages that this one has not received yet.
    const { reader } = this.#deps;
    const exists = await reader.reaches(readUpTo);
    const upTo = Math.max(old?.readUpTo ?? 0, exists ? readUpTo : reader.newest);
    if (old !== undefined && upTo === old.readUpTo) return;
    const stored = sessions.setReadMarker(publicToken, {
      channel,
      readUpTo: upTo,
      deliveredUpTo: upTo,
    });
    if (upTo > 0 && !channel.startsWith("room:")) {
      const inbox = channel === "notice" ? `notice:${publicToken}` : channel;
      const after = old?.readUpTo ?? 0;
      await this.#deps.receipts.addSeen({ publicToken, channel: inbox, tab, after, upTo });
    }
    await stored;
    const own = !await this.#hasReadOthers(publicToken, channel, {
      after: old?.readUpTo ?? 0,
      upTo,
    });
    this.#signal({ type: "read", channel, from, upTo, at: wallNow() }, own);
  }

  /** Closes a conversation until it is opened again, or until the next direct message. */
  async close(session: Session, address: string): Promise<void> {
    const channel = this.#channel(session, address);
    await this.#deps.store.sessions.removeReadMarker(session.publicToken, channel);
    this.#signal({ type: "closed", channel, from: session.person, at: wallNow() }, true);
  }

  /** Opens a direct conversation for both people, because of a message of `sender`. */
  async openForPair(pair: readonly [string, string], sender: string): Promise<void> {
    const channel = formatChannel({ kind: "direct", pair });
    if (this.#openPairs.has(channel)) return;
    if (this.#openPairs.size >= OPEN_PAIRS) this.#openPairs.clear();
    this.#openPairs.add(channel);
    const { sessions } = this.#deps.store;
    // Messages from before the conversation was closed do not count as unread.
    const readUpTo = this.#deps.reader.newest;
    const opened = pair.map(async (publicToken) => {
      const limit = publicToken === sender ? OPEN_LIMIT : OPEN_BY_OTHERS;
      const markers = await sessions.readMarkers(publicToken);
      const isOpen = markers.some((marker) => marker.channel === channel);
      // Others must not be able to fill this list. Polls deliver the message anyway.
      if (isOpen || markers.length >= limit) return;
      await sessions.setReadMarker(publicToken, { channel, readUpTo, deliveredUpTo: readUpTo });
    });
    await Promise.all(opened).catch((error) => {
      this.#openPairs.delete(channel);
      ignoreUnavailable(error);
    });
  }

  /** Opens the notices of a new session, unread from the first one that was sent before the session existed. */
  async openNotices(publicToken: string): Promise<void> {
    const { log, sessions } = this.#deps.store;
    const [first] = (await log.read([`notice:${publicToken}`], 0, 1)).messages;
    if (first === undefined) return;
    const readUpTo = first.id - 1;
    await sessions.setReadMarker(publicToken, { channel: "notice", readUpTo, deliveredUpTo: 0 });
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  /** Makes one list at a time for each session: requests that arrive meanwhile share the next one. */
  #listAll(request: StoreRequest): Promise<readonly Conversation[]> {
    const publicToken = request.owner;
    const { running, next } = this.#lists.get(publicToken) ?? {};
    if (next !== undefined) return next;
    const list: Promise<readonly Conversation[]> = Promise.allSettled([running]).then(() => {
      this.#lists.set(publicToken, { running: list });
      return this.#describeAll(request);
    }).finally(() => {
      if (this.#lists.get(publicToken)?.next === undefined) this.#lists.delete(publicToken);
    });
    this.#lists.set(
      publicToken,
      running === undefined ? { running: list } : { running, next: list },
    );
    return list;
  }

  async #describeAll(request: StoreRequest): Promise<readonly Conversation[]> {
    const markers = await this.#deps.store.sessions.readMarkers(request.owner);
    const budget = { pages: MORE_PAGES };
    const conversations: Conversation[] = [];
    const left = [...markers];
    const describers = Array.from({ length: CONCURRENT }, async () => {
      for (let marker = left.shift(); marker !== undefined; marker = left.shift()) {
        conversations.push(await this.#describe(marker, request, budget));
      }
    });
    await Promise.all(describers);
    return conversations.sort((one, other) => (other.last?.id ?? 0) - (one.last?.id ?? 0));
  }

  /** Whether there are messages of the other person between two read positions in a direct channel. */
  async #hasReadOthers(
    self: string,
    channel: string,
    { after, upTo }: { readonly after: number; readonly upTo: number },
  ): Promise<boolean> {
    if (!channel.startsWith("direct:") || upTo === after) return false;
    const page = await this.#deps.reader.read([channel], after, {
      request: new StoreRequest(self),
    });
    return page.upTo < upTo ||
      page.messages.some(({ id, from }) => id <= upTo && from?.publicToken !== self);
  }

  /** Tells all nodes a signal; `own`: only for the tabs of the session itself. */
  #signal(signal: Signal, own: boolean): void {
    this.#deps.store.bus.broadcast({ type: "signal", signal, ...(own && { own }) });
  }

  /** The conversation of a channel: all notices are one conversation. */
  #channel(session: Session, address: string): string {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    return channel.kind === "notice" ? "notice" : formatChannel(channel);
  }

  async #describe(
    { channel, readUpTo }: ReadMarker,
    request: StoreRequest,
    budget: { pages: number },
  ): Promise<Conversation> {
    const { store: { log }, reader } = this.#deps;
    const self = request.owner;
    const channels = channel === "notice" ? ["notice", `notice:${self}`] : [channel];
    const { newest, other } = await reader.inTurn(request, async () => ({
      newest: await Promise.all(channels.map((one) => log.history(one, undefined, 1))),
      other: await this.#other(channelFor(self, channel), self),
    }));
    const [last] = newest.flat().sort((one, other) => other.id - one.id);
    const upTo = Math.min(last?.id ?? 0, reader.newest);
    let unread = 0;
    for (let after = readUpTo, isFirst = true; after < upTo && unread < UNREAD_LIMIT;) {
      if (!isFirst && budget.pages-- <= 0) break;
      isFirst = false;
      const page = await reader.read(channels, after, { request });
      unread += page.messages.filter(({ from }) => from?.publicToken !== self).length;
      after = page.upTo;
    }
    unread = Math.min(unread, UNREAD_LIMIT);
    return {
      ...{ channel, readUpTo, unread },
      ...(last && shortened(last)),
      ...(other && { other }),
    };
  }

  async #other(channel: Channel, self: string): Promise<Correspondent | undefined> {
    if (channel.kind !== "direct") return undefined;
    const other = otherOf(channel.pair, self);
    const session = await this.#deps.sessions.find(other);
    if (session === undefined) return undefined;
    const markers = await this.#deps.store.sessions.readMarkers(other);
    const address = formatChannel(channel);
    const marker = markers.find((one) => one.channel === address);
    const { readUpTo = 0, deliveredUpTo = 0 } = marker ?? {};
    return { ...session.person, readUpTo, deliveredUpTo: Math.max(readUpTo, deliveredUpTo) };
  }
}

/** The last message of a conversation for a list: long ones are shortened, since there can be many. */
function shortened(last: Message): Pick<Conversation, "last" | "shortened"> {
  if (encode(last).bytes <= LAST_BYTES) return { last };
  const { text, data, ...rest } = last;
  // A character of two code units may be cut in half.
  const cut = (text ?? JSON.stringify(data)).slice(0, SHORTENED_LENGTH).toWellFormed();
  return { last: { ...rest, text: cut }, shortened: true };
}
