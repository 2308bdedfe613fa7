import { UNREAD_LIMIT } from "../../protocol/limits.ts";
import type { Conversation, ConversationsReply, Correspondent } from "../../protocol/replies.ts";
import { type Channel, formatChannel } from "../../protocol/channel.ts";
import type { LogReader } from "../log/log_reader.ts";
import type { Receipts } from "./receipts.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { channelFor, checkMayRead, mayRead, otherOf } from "../model/rights.ts";
import type { Session, Sessions } from "../sessions/sessions.ts";
import type { Signal } from "../../protocol/signal.ts";
import { steadyNow } from "../../base/clock.ts";
import type { ReadMarker, Store } from "../model/store.ts";

/** What the conversations are made from. */
export interface ConversationsDeps {
  readonly sessions: Sessions;
  readonly store: Store;
  readonly reader: LogReader;
  readonly receipts: Receipts;
  readonly tell: (signal: Signal) => void;
}

/** So many conversations of a session may be open. */
const OPEN = 500;

/** So many pairs are remembered as open, so that a direct message need not look. */
const REMEMBERED_PAIRS = 50_000;

/** Knows which conversations a session has open, what it has read there, and what has reached it. */
export class Conversations implements Disposable {
  readonly #deps: ConversationsDeps;
  readonly #openPairs = new Set<string>();
  readonly #listening: Disposable;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
    this.#listening = deps.store.bus.listen((event) => {
      if (event.type !== "signal" || event.signal.type !== "closed") return;
      this.#openPairs.delete(event.signal.channel);
    });
  }

  /** The open conversations of a session, the newest message first. */
  async list(session: Session): Promise<ConversationsReply> {
    const { publicToken } = session;
    const all = await this.#deps.store.sessions.readMarkers(publicToken);
    // What might be read when it was opened may be closed to it by now.
    const marks = all.filter(({ channel }) => mayRead(session, channelFor(publicToken, channel)));
    const conversations = await Promise.all(marks.map((mark) => this.#describe(mark, publicToken)));
    conversations.sort((one, other) => (other.last?.id ?? 0) - (one.last?.id ?? 0));
    return { conversations };
  }

  /**
   * Opens a conversation; `readUpTo` moves on what was read there, never back and not beyond the newest message. Refuses
   * with `too_many_conversations`.
   */
  async open(
    session: Session,
    address: string,
    { readUpTo = 0, tab = "" }: { readUpTo?: number; tab?: string } = {},
  ): Promise<void> {
    const channel = this.#channel(session, address);
    const { publicToken, person: from } = session;
    const { sessions } = this.#deps.store;
    const marks = await sessions.readMarkers(publicToken);
    const old = marks.find((mark) => mark.channel === channel);
    if (old === undefined && marks.length >= OPEN) {
      throw new Refused("too_many_conversations", `No more than ${OPEN} conversations may be open`);
    }
    // Another node may have given out what this one has not heard of yet.
    const { reader } = this.#deps;
    const isThere = await reader.reaches(readUpTo);
    const upTo = Math.max(old?.readUpTo ?? 0, isThere ? readUpTo : reader.newest);
    if (old !== undefined && upTo === old.readUpTo) return;
    const marked = sessions.setReadMarker(publicToken, {
      channel,
      readUpTo: upTo,
      deliveredUpTo: upTo,
    });
    if (upTo > 0 && !channel.startsWith("room:")) {
      const inbox = channel === "notice" ? `notice:${publicToken}` : channel;
      const after = old?.readUpTo ?? 0;
      await this.#deps.receipts.noteSeen({ publicToken, channel: inbox, tab, after, upTo });
    }
    await marked;
    this.#deps.tell({ type: "read", channel, from, upTo, at: steadyNow() });
  }

  /** Closes a conversation, until it is opened or a direct message comes. */
  async close(session: Session, address: string): Promise<void> {
    const channel = this.#channel(session, address);
    await this.#deps.store.sessions.removeReadMarker(session.publicToken, channel);
    this.#deps.tell({ type: "closed", channel, from: session.person, at: steadyNow() });
  }

  /** A direct message opens the conversation for both. */
  async openForPair(pair: readonly [string, string]): Promise<void> {
    const channel = formatChannel({ kind: "direct", pair });
    if (this.#openPairs.has(channel)) return;
    if (this.#openPairs.size >= REMEMBERED_PAIRS) this.#openPairs.clear();
    this.#openPairs.add(channel);
    const { sessions } = this.#deps.store;
    // What was said before the conversation was closed is no news any more.
    const readUpTo = this.#deps.reader.newest;
    const opened = pair.map(async (publicToken) => {
      const marks = await sessions.readMarkers(publicToken);
      const isOpen = marks.some((mark) => mark.channel === channel);
      // Nobody may fill somebody else's list for good: what does not fit comes by polls all the same.
      if (isOpen || marks.length >= OPEN) return;
      await sessions.setReadMarker(publicToken, { channel, readUpTo, deliveredUpTo: readUpTo });
    });
    await Promise.all(opened).catch((error) => {
      this.#openPairs.delete(channel);
      ignoreUnavailable(error);
    });
  }

  /** Opens the notices of a new session, from the first one on that came before it did. */
  async openNotices(publicToken: string): Promise<void> {
    const { log, sessions } = this.#deps.store;
    const [first] = (await log.read([`notice:${publicToken}`], 0, 1)).messages;
    if (first === undefined) return;
    const readUpTo = first.id - 1;
    await sessions.setReadMarker(publicToken, { channel: "notice", readUpTo, deliveredUpTo: 0 });
  }

  /** Tells and keeps that a tab of `reader` has what was written in a direct channel, up to the message `upTo`. */
  async noteDelivered(reader: Session, channel: string, upTo: number): Promise<void> {
    const { store, tell } = this.#deps;
    const { publicToken, person: from } = reader;
    tell({ type: "delivered", channel, from, upTo, at: steadyNow() });
    await store.sessions.setReadMarker(publicToken, { channel, readUpTo: 0, deliveredUpTo: upTo });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  /** What of a session's notices is its own belongs to the one conversation of notices. */
  #channel(session: Session, address: string): string {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    return channel.kind === "notice" ? "notice" : formatChannel(channel);
  }

  async #describe(mark: ReadMarker, self: string): Promise<Conversation> {
    const { channel, readUpTo } = mark;
    const { log } = this.#deps.store;
    const channels = channel === "notice" ? ["notice", `notice:${self}`] : [channel];
    const newest = await Promise.all(channels.map((one) => log.history(one, undefined, 1)));
    const [last] = newest.flat().sort((one, other) => other.id - one.id);
    const later = last && last.id > readUpTo
      ? (await log.read(channels, readUpTo, UNREAD_LIMIT)).messages
      : [];
    const unread = later.filter(({ from }) => from?.publicToken !== self).length;
    const other = await this.#other(channelFor(self, channel), self);
    return { channel, readUpTo, unread, ...(last && { last }), ...(other && { other }) };
  }

  async #other(channel: Channel, self: string): Promise<Correspondent | undefined> {
    if (channel.kind !== "direct") return undefined;
    const other = otherOf(channel.pair, self);
    const session = await this.#deps.sessions.find(other);
    if (session === undefined) return undefined;
    const marks = await this.#deps.store.sessions.readMarkers(other);
    const address = formatChannel(channel);
    const mark = marks.find((one) => one.channel === address);
    const { readUpTo = 0, deliveredUpTo = 0 } = mark ?? {};
    return { ...session.person, readUpTo, deliveredUpTo: Math.max(readUpTo, deliveredUpTo) };
  }
}
