import type { Runtime } from "../../base/runtime.ts";
import { type Channel, formatChannel } from "../../protocol/channel.ts";
import type { ConversationsReply } from "../../protocol/replies.ts";
import type { ConversationRequest } from "../../protocol/requests.ts";
import type { Signal } from "../../protocol/signal.ts";
import { StoreRequest } from "../log/read_queue.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { channelFor, checkMayRead, mayRead } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { ReadMarker } from "../model/store.ts";
import { ConversationLists, type ConversationListsDeps, settingsOf } from "./conversation_lists.ts";
import type { Receipts } from "./receipts.ts";

/** What {@linkcode Conversations} is constructed from. */
export interface ConversationsDeps extends ConversationListsDeps {
  readonly receipts: Receipts;
  readonly runtime: Runtime;
}

/** Maximum number of open conversations per session. */
const OPEN_LIMIT = 500;

/** Maximum number of conversations that others have opened and the session has not answered: the rest are for its own. */
const OPEN_BY_OTHERS = 400;

/** Maximum number of pairs that are remembered as open, so that a direct message need not ask the store. */
const OPEN_PAIRS = 50_000;

/** The conversations that each session has open, and its read markers in them. */
export class Conversations implements Disposable {
  readonly #deps: ConversationsDeps;
  readonly #lists: ConversationLists;
  /** Channels with one of their people, whose messages find the conversation open; `notice` with who gets them. */
  readonly #openPairs = new Set<string>();
  readonly #subscription: Disposable;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
    this.#lists = new ConversationLists(deps);
    this.#subscription = deps.store.bus.listen((event) => {
      if (event.type !== "signal" || event.signal.type !== "closed") return;
      const { channel, from } = event.signal;
      for (const sender of [from.publicToken, ...channel.split(":")]) {
        this.#openPairs.delete(`${channel} ${sender}`);
      }
    });
  }

  /**
   * The open conversations of a session, those with the newest messages first. `onPortion` is called for each portion that
   * is read from the store.
   */
  async list(session: Session, onPortion?: () => void): Promise<ConversationsReply> {
    const { publicToken } = session;
    const all = await this.#lists.list(new StoreRequest(publicToken, onPortion));
    // The session may have lost the right to read one since it was opened.
    const conversations = all.filter(({ channel }) =>
      mayRead(session, channelFor(publicToken, channel))
    );
    return { conversations };
  }

  /**
   * Opens a conversation. `readUpTo` moves the read marker forward, at most to the newest message; the settings stay as
   * they are where they are not named. `onPortion` is called for each portion that is read from the store. Rejects with
   * `too_many_conversations`.
   */
  async open(
    session: Session,
    address: string,
    { readUpTo = 0, tab = "", onPortion, ...settings }: ConversationRequest & {
      readonly onPortion?: () => void;
    } = {},
  ): Promise<void> {
    const channel = this.#channel(session, address);
    const { publicToken, person: from } = session;
    const { sessions } = this.#deps.store;
    const markers = await sessions.readMarkers(publicToken);
    const old = markers.find((marker) => marker.channel === channel);
    if (old === undefined && !await this.#makeRoom(publicToken, markers)) {
      const detail = `At most ${OPEN_LIMIT} conversations can be open: close one first`;
      throw new Refused("too_many_conversations", detail);
    }
    // Another node may have delivered messages that this one has not received yet.
    const { reader } = this.#deps;
    const exists = await reader.reaches(readUpTo);
    const upTo = Math.max(old?.readUpTo ?? 0, exists ? readUpTo : reader.newest);
    const chosen = changedSettings(settings, old);
    const hasMoved = old === undefined || upTo > old.readUpTo;
    if (!hasMoved && chosen === undefined) return;
    const after = old?.readUpTo ?? 0;
    // Read first: it can be refused.
    const own = !await this.#hasReadOthers(new StoreRequest(publicToken, onPortion), channel, {
      after,
      upTo,
    });
    const marker = { channel, readUpTo: upTo, deliveredUpTo: upTo, ...chosen };
    const stored = sessions.setReadMarker(publicToken, marker);
    if (hasMoved && upTo > 0 && !channel.startsWith("room:")) {
      const inbox = channel === "notice" ? `notice:${publicToken}` : channel;
      await this.#deps.receipts.addSeen({ publicToken, channel: inbox, tab, after, upTo });
    }
    await stored;
    const at = this.#deps.runtime.wallNow();
    if (hasMoved) this.#signal({ type: "read", channel, from, upTo, at }, own);
    if (chosen === undefined) return;
    const present = { pinned: false, ...settingsOf({ ...old, ...marker }) };
    this.#signal({ type: "settings", channel, from, ...present, at }, true);
  }

  /** Closes a conversation until it is opened again, or until the next direct message. */
  async close(session: Session, address: string): Promise<void> {
    const channel = channelFor(session.publicToken, address);
    // The right to read a room may have been taken away since.
    if (channel.kind !== "room") checkMayRead(session, channel);
    await this.#close(session, listedAs(channel));
  }

  /** Closes a conversation of a session, if that exists: what was in it is erased. */
  async closeFor(publicToken: string, channel: string): Promise<void> {
    const session = await this.#deps.sessions.find(publicToken);
    if (session !== undefined) await this.#close(session, channel);
  }

  /** Opens a direct conversation for both people, because of a message of `sender`. */
  async openForPair(pair: readonly [string, string], sender: string): Promise<void> {
    const channel = formatChannel({ kind: "direct", pair });
    const key = `${channel} ${sender}`;
    if (this.#openPairs.has(key)) return;
    if (this.#openPairs.size >= OPEN_PAIRS) this.#openPairs.clear();
    this.#openPairs.add(key);
    // Messages from before the conversation was closed do not count as unread.
    const { newest } = this.#deps.reader;
    const marker = { channel, readUpTo: newest, deliveredUpTo: newest };
    const opened = pair.map((publicToken) =>
      publicToken === sender
        ? this.#openForSender(sender, marker)
        : this.#openForRecipient(publicToken, marker)
    );
    await Promise.all(opened).catch((error) => {
      this.#openPairs.delete(key);
      ignoreUnavailable(error);
    });
  }

  /** Opens the notices of a session, because of one that is sent to it. Earlier ones do not count as unread. */
  async openForNotice(publicToken: string): Promise<void> {
    const { reader: { newest }, sessions, store } = this.#deps;
    const key = `notice ${publicToken}`;
    if (this.#openPairs.has(key) || await sessions.find(publicToken) === undefined) return;
    const markers = await store.sessions.readMarkers(publicToken);
    if (!markers.some(({ channel }) => channel === "notice")) {
      const marker = { channel: "notice", readUpTo: newest, deliveredUpTo: 0 };
      await store.sessions.setReadMarker(publicToken, marker);
    }
    if (this.#openPairs.size >= OPEN_PAIRS) this.#openPairs.clear();
    this.#openPairs.add(key);
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

  async #openForSender(publicToken: string, marker: ReadMarker): Promise<void> {
    const { sessions } = this.#deps.store;
    const markers = await sessions.readMarkers(publicToken);
    const old = markers.find(({ channel }) => channel === marker.channel);
    if (old?.isUnanswered) {
      await sessions.setReadMarker(publicToken, { ...old, isUnanswered: false });
    }
    if (old !== undefined || !await this.#makeRoom(publicToken, markers)) return;
    await sessions.setReadMarker(publicToken, marker);
  }

  /** Others must not be able to fill this list. Polls deliver the message anyway. */
  async #openForRecipient(publicToken: string, marker: ReadMarker): Promise<void> {
    const { sessions } = this.#deps.store;
    const markers = await sessions.readMarkers(publicToken);
    if (markers.some(({ channel }) => channel === marker.channel)) return;
    const unanswered = markers.filter(({ isUnanswered }) => isUnanswered).length;
    const tooMany = Math.max(unanswered - OPEN_BY_OTHERS, markers.length - OPEN_LIMIT) + 1;
    if (!await this.#closeUnanswered(publicToken, markers, tooMany)) return;
    await sessions.setReadMarker(publicToken, { ...marker, isUnanswered: true });
  }

  /** Makes room for a conversation that a session opens itself. Returns whether there is room. */
  #makeRoom(publicToken: string, markers: readonly ReadMarker[]): Promise<boolean> {
    return this.#closeUnanswered(publicToken, markers, markers.length - OPEN_LIMIT + 1);
  }

  /** Closes `count` unanswered conversations, the oldest ones. Returns `false` if there are fewer. */
  async #closeUnanswered(
    publicToken: string,
    markers: readonly ReadMarker[],
    count: number,
  ): Promise<boolean> {
    if (count <= 0) return true;
    const oldest = markers.filter(({ isUnanswered }) => isUnanswered)
      .sort((one, other) => one.readUpTo - other.readUpTo).slice(0, count);
    const session = await this.#deps.sessions.find(publicToken);
    if (session === undefined || oldest.length < count) return false;
    for (const { channel } of oldest) await this.#close(session, channel);
    return true;
  }

  async #close({ publicToken, person }: Session, channel: string): Promise<void> {
    await this.#deps.store.sessions.removeReadMarker(publicToken, channel);
    this.#signal({ type: "closed", channel, from: person, at: this.#deps.runtime.wallNow() }, true);
  }

  /** Whether there are messages of the other person between two read positions in a direct channel. */
  async #hasReadOthers(
    request: StoreRequest,
    channel: string,
    { after, upTo }: { readonly after: number; readonly upTo: number },
  ): Promise<boolean> {
    if (!channel.startsWith("direct:") || upTo === after) return false;
    const page = await this.#deps.reader.read([channel], after, { request });
    return page.upTo < upTo ||
      page.messages.some(({ id, from }) => id <= upTo && from?.publicToken !== request.owner);
  }

  /** Sends a signal to all nodes; `own`: only for the tabs of the session itself. */
  #signal(signal: Signal, own: boolean): void {
    this.#deps.store.bus.broadcast({ type: "signal", signal, ...(own && { own }) });
  }

  /** The conversation of a channel: all notices are one conversation. */
  #channel(session: Session, address: string): string {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    return listedAs(channel);
  }
}

/** The settings that a request changes, as they are stored; undefined if it changes none. */
function changedSettings(
  { notify, pinned, unreadFrom }: ConversationRequest,
  old: ReadMarker | undefined,
): Partial<ReadMarker> | undefined {
  const isNew = notify !== undefined && notify !== old?.notify;
  const isMoved = pinned !== undefined && pinned !== (old?.isPinned ?? false);
  const isMarked = unreadFrom !== undefined && unreadFrom !== (old?.unreadFrom ?? 0);
  if (!isNew && !isMoved && !isMarked) return undefined;
  // The session wants to keep this conversation: it is not closed to make room for those that others open.
  return {
    ...(isNew && { notify }),
    ...(isMoved && { isPinned: pinned }),
    ...(isMarked && { unreadFrom }),
    ...(old?.isUnanswered && { isUnanswered: false }),
  };
}

/** The address under which a channel is in the list of conversations. */
function listedAs(channel: Channel): string {
  return channel.kind === "notice" ? "notice" : formatChannel(channel);
}
