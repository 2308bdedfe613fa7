import type { LiveSessionsReply } from "../../protocol/admin_replies.ts";
import { formatChannel } from "../../protocol/channel.ts";
import type { Body } from "../../protocol/message.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { Peers } from "../cluster/peers.ts";
import { Conversations } from "../conversations/conversations.ts";
import { Publishing } from "../conversations/publishing.ts";
import { Receipts } from "../conversations/receipts.ts";
import { History } from "../log/history.ts";
import { LogReader } from "../log/log_reader.ts";
import type { WindowBounds } from "../log/recent_window.ts";
import { checkBody } from "../model/content.ts";
import { HubEvents } from "../model/hub_events.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { channelFor, checkMayWrite, otherOf, type Rights } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Appended, Store } from "../model/store.ts";
import type { Poll } from "../polls/poll.ts";
import { Polling } from "../polls/polling.ts";
import { Trace } from "../polls/trace.ts";
import { ChannelPresence } from "../presence/channel_presence.ts";
import { listLive, type LiveQuery } from "../presence/live_sessions.ts";
import { Presence } from "../presence/presence.ts";
import { SignalBoard } from "../presence/signal_board.ts";
import { checkNotExpired } from "../sessions/claims.ts";
import { ReservedNames } from "../sessions/reserved_names.ts";
import { type Credentials, Sessions } from "../sessions/sessions.ts";
import { WaitingRoom, type WaitingRoomBounds } from "../waiting/waiting_room.ts";
import { Accounts } from "./accounts.ts";
import { Retention } from "./retention.ts";

/** Options of a hub. Times in ms. */
export interface HubOptions {
  /** Default hold of a poll. */
  readonly hold: number;
  readonly window: WindowBounds;
  readonly waiting: WaitingRoomBounds;
  /** Sessions without a request for this time are removed. */
  readonly sessionAge: number;
  /** Maximum number of sessions, and of rooms that are read at the same time. */
  readonly max: { readonly sessions: number; readonly rooms: number };
  /** The room that everyone can read, whatever the number of rooms. */
  readonly home: string;
  /** Whether all sessions may list the rooms that are being read. */
  readonly listsRooms: boolean;
  /** The rights of guests, and of users whose tokens contain none. */
  readonly guestRights: Rights;
  /** Names that guests cannot use. */
  readonly reservedNames: readonly string[];
  /** Maximum size of the trace in bytes; 0: no trace. */
  readonly traceBytes: number;
  /** Called with the time from sending a message for one session to its acknowledgement. */
  readonly onAcknowledged: (milliseconds: number) => void;
  /** Called when the wall clock has jumped ahead, so that nothing is removed by age for a day. */
  readonly onClockAhead: (milliseconds: number) => void;
}

/** A message to send. */
export interface OutgoingMessage extends Body {
  readonly channel: string;
  /** Idempotency key: a repeated send with the same key appends nothing. */
  readonly key?: string;
}

/** What is opened asynchronously, before the hub is constructed. */
interface OpenedParts {
  readonly events: HubEvents;
  readonly waiting: WaitingRoom;
  readonly reader: LogReader;
  readonly trace: Trace | undefined;
  /** Ends the recording of the trace. */
  readonly tracing: Disposable | undefined;
}

/**
 * One node's core: takes messages in and delivers them to the sessions that poll. HTTP and the jobs use a hub, and
 * nothing below it knows HTTP. Its parts are constructed in order and talk to each other through {@linkcode HubEvents}.
 */
export class Hub implements AsyncDisposable {
  readonly events: HubEvents;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly presence: Presence;
  readonly channelPresence: ChannelPresence;
  readonly conversations: Conversations;
  readonly history: History;
  readonly receipts: Receipts;
  readonly publishing: Publishing;
  readonly trace: Trace | undefined;
  readonly #store: Store;
  readonly #reader: LogReader;
  readonly #waiting: WaitingRoom;
  readonly #polling: Polling;
  readonly #peers: Peers;
  readonly #signals = new SignalBoard();
  readonly #retention: Retention;
  readonly #closing = new AbortController();
  /** The parts to dispose of, in the order of their construction. */
  readonly #parts = new DisposableStack();

  /** Opens a hub over a store, which the caller disposes of. */
  static async open(store: Store, options: HubOptions): Promise<Hub> {
    const events = new HubEvents();
    const waiting = new WaitingRoom(options.waiting, events);
    const reader = await LogReader.open(store.log, {
      bounds: options.window,
      onGrowth: (topics) => waiting.wake(topics),
    });
    const trace = options.traceBytes > 0 ? new Trace(options.traceBytes) : undefined;
    const tracing = await trace?.follow(store.log, reader.newest);
    return new Hub(store, options, { events, waiting, reader, trace, tracing });
  }

  private constructor(store: Store, options: HubOptions, opened: OpenedParts) {
    const { events, waiting, reader, trace, tracing } = opened;
    const { listsRooms, max, guestRights, sessionAge, onAcknowledged, onClockAhead } = options;
    const { bus } = store;
    const signals = this.#signals;
    this.events = events;
    this.trace = trace;
    this.#store = store;
    this.#reader = this.#parts.use(reader);
    if (tracing !== undefined) this.#parts.use(tracing);
    this.#waiting = waiting;
    const sessions = new Sessions(store.sessions, { maxSessions: max.sessions, guestRights });
    const presence = new Presence(events);
    const receipts = this.#parts.use(new Receipts({ store, sessions, presence, onAcknowledged }));
    const conversations = this.#parts.use(
      new Conversations({ sessions, store, reader, receipts }),
    );
    this.sessions = sessions;
    this.presence = presence;
    this.history = new History(store.log, reader);
    this.receipts = receipts;
    this.conversations = conversations;
    this.publishing = new Publishing({ sessions, log: store.log });
    this.channelPresence = this.#parts.use(
      new ChannelPresence({
        ...{ events, bus, sessions, waiting, presence, signals, listsRooms },
        maxRooms: max.rooms,
        home: options.home,
      }),
    );
    this.accounts = this.#parts.use(
      new Accounts({
        ...{ events, sessions, waiting, presence, conversations },
        reservedNames: new ReservedNames(options.reservedNames),
        newest: () => reader.newest,
      }),
    );
    this.#polling = new Polling({
      ...{ reader, waiting, presence, trace, signals },
      epoch: store.log.epoch,
      isFull: (...args) => this.channelPresence.isFull(...args),
      hold: options.hold,
      onDelivered: (delivery) => receipts.addDelivery(delivery),
    });
    this.#retention = new Retention({ store, sessions, sessionAge, onClockAhead });
    this.#peers = this.#parts.use(new Peers({ events, bus, presence, waiting, sessions }));
    this.#parts.use(waiting);
  }

  /** The id of this node, for as long as its process lives. */
  get node(): string {
    return this.#peers.node;
  }

  /** The epoch of the log: part of every cursor. */
  get epoch(): string {
    return this.#store.log.epoch;
  }

  /** Number of parked polls. */
  get parked(): number {
    return this.#waiting.size;
  }

  /** Size of the recent window in bytes of JSON. */
  get windowBytes(): number {
    return this.#reader.windowBytes;
  }

  /** Signs in a guest. Rejects an invalid or reserved name. */
  async signIn(displayName: string): Promise<Credentials> {
    this.#checkOpen();
    return await this.accounts.signIn(displayName);
  }

  /** Signs in a user of an application. Messages that already wait for a new user count as unread. */
  async signInUser(userId: string, displayName: string): Promise<Credentials> {
    this.#checkOpen();
    return await this.accounts.signInUser(userId, displayName);
  }

  /** Appends a message. It is durable when this resolves. */
  async send(session: Session, outgoing: OutgoingMessage): Promise<Appended> {
    this.#checkUsable(session);
    checkBody(outgoing);
    const channel = channelFor(session.publicToken, outgoing.channel);
    checkMayWrite(session, channel);
    if (channel.kind === "direct") {
      await this.#checkRecipient(otherOf(channel.pair, session.publicToken));
    }
    const draft = { ...outgoing, channel: formatChannel(channel), from: session.person };
    const [[appended]] = await Promise.all([
      this.#store.log.append([draft]),
      channel.kind === "direct" &&
      this.conversations.openForPair(channel.pair, session.publicToken),
    ]);
    if (appended === undefined) throw new Error("The log returned no message for a draft");
    return appended;
  }

  /** Resolves with the reply to a poll, or with `undefined` if its client has disconnected. */
  poll(session: Session, poll: Poll): Promise<PollReply | undefined> {
    this.#checkUsable(session);
    return this.#polling.reply(session, poll);
  }

  /** Some of the present sessions, for administrators. */
  liveSessions(query: LiveQuery): Promise<LiveSessionsReply> {
    const { presence, sessions } = this;
    return listLive({ presence, sessions, waiting: this.#waiting }, query);
  }

  /** Signals to the readers of a channel that this session is typing. */
  typing(session: Session, address: string): void {
    this.#checkUsable(session);
    this.channelPresence.typing(session, address);
  }

  /** Removes what has expired: presence, signals, and old messages, receipts and sessions. */
  async sweep(): Promise<void> {
    this.presence.sweep();
    this.#signals.sweep();
    this.#peers.sweep();
    await this.#retention.sweep(this.#closing.signal);
  }

  /** Rejects new requests and answers all parked polls. `returnDelayOf` returns the `retryAfter` in ms of the n-th of them. */
  async close(returnDelayOf: (n: number, of: number) => number): Promise<void> {
    this.#closing.abort();
    await this.#waiting.close(returnDelayOf);
    await this.receipts.flush();
    // The times of last requests can be lost.
    await this.sessions.flush().catch(ignoreUnavailable);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#parts.dispose();
    return Promise.resolve();
  }

  #checkOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new Refused("closing", "The server is shutting down", 1_000);
  }

  #checkUsable(session: Session): void {
    if (session.hasEnded) throw new Refused("not_signed_in", "The session has ended");
    checkNotExpired(session);
    this.#checkOpen();
  }

  async #checkRecipient(publicToken: string): Promise<void> {
    if (await this.sessions.find(publicToken) !== undefined) return;
    throw new Refused("unknown_recipient", "There is no session with this public token");
  }
}
