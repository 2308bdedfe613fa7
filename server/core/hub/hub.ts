import { type Credentials, type Session, Sessions } from "../sessions/sessions.ts";
import type { HistoryReply, PollReply } from "../../protocol/replies.ts";
import { Accounts, type EndReason } from "./accounts.ts";
import { subscriptionFor, topicsFor } from "../polls/subscription.ts";
import { ChannelPresence } from "../presence/channel_presence.ts";
import { type Channel, formatChannel } from "../../protocol/channel.ts";
import { checkBody } from "../model/content.ts";
import { Conversations } from "../conversations/conversations.ts";
import { LogReader } from "../log/log_reader.ts";
import type { Body, Message } from "../../protocol/message.ts";
import { Peers } from "../cluster/peers.ts";
import { type Poll, Polling } from "../polls/polling.ts";
import type { WindowBounds } from "../log/recent_window.ts";
import { Publishing } from "../conversations/publishing.ts";
import { Receipts } from "../conversations/receipts.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { ReservedNames } from "../sessions/reserved_names.ts";
import { channelFor, checkMayRead, checkMayWrite, otherOf, type Rights } from "../model/rights.ts";
import type { Signal } from "../../protocol/signal.ts";
import type { Appended, Store } from "../model/store.ts";
import { prune } from "./retention.ts";
import { Trace } from "../polls/trace.ts";
import { checkNotExpired } from "../sessions/claims.ts";
import { WaitingRoom, type WaitingRoomBounds } from "../waiting/waiting_room.ts";

/** What a hub keeps to. Times in ms. */
export interface HubOptions {
  /** How long a poll is held that does not say. */
  readonly hold: number;
  readonly window: WindowBounds;
  readonly waiting: WaitingRoomBounds;
  /** Sessions that were not seen for so long are removed. */
  readonly sessionAge: number;
  /** So many sessions are kept, so many rooms are read at once; then no more guests and rooms are let in. */
  readonly most: { readonly sessions: number; readonly rooms: number };
  /** Whether everybody may know which rooms are read. */
  readonly listsRooms: boolean;
  /** What guests may do, and users whose application does not say what they may. */
  readonly guestRights: Rights;
  /** Names that no guest may have. */
  readonly reservedNames: readonly string[];
  /** How many events are kept to tell what happened to messages and polls; 0: none. */
  readonly tracedEvents: number;
  /** Told how long (ms) after it was sent a message for one session was acknowledged. */
  readonly onAcknowledged: (milliseconds: number) => void;
}

/** A message to be sent; with the same key again, it is sent once. */
export interface Sending extends Body {
  readonly channel: string;
  readonly key?: string;
}

/** What is opened before a hub. */
interface HubDeps {
  readonly waiting: WaitingRoom;
  readonly reader: LogReader;
  readonly trace: Trace | undefined;
  readonly tracing: Disposable | undefined;
}

/** Takes messages in, and gives them to those who poll. Everything that a transport may ask for is here. */
export class Hub implements AsyncDisposable {
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly audience: ChannelPresence;
  readonly conversations: Conversations;
  readonly receipts: Receipts;
  readonly publishing: Publishing;
  /** What happened to messages and polls of late, where that is kept. */
  readonly trace: Trace | undefined;
  readonly #store: Store;
  readonly #options: HubOptions;
  readonly #reader: LogReader;
  readonly #waiting: WaitingRoom;
  readonly #polling: Polling;
  readonly #peers: Peers;
  readonly #tracing: Disposable | undefined;
  #isClosing = false;

  /** Opens a hub over a store, which stays the caller's. */
  static async open(store: Store, options: HubOptions): Promise<Hub> {
    const waiting: WaitingRoom = new WaitingRoom(
      options.waiting,
      (...arrival) => hub.#peers.tellArrival(...arrival),
    );
    const reader = await LogReader.open(store.log, {
      bounds: options.window,
      onGrowth: (topics) => waiting.wake(topics),
    });
    const trace = options.tracedEvents > 0 ? new Trace(options.tracedEvents) : undefined;
    const tracing = await trace?.follow(store.log, reader.newest);
    const hub: Hub = new Hub(store, options, { waiting, reader, trace, tracing });
    return hub;
  }

  private constructor(store: Store, options: HubOptions, deps: HubDeps) {
    const { waiting, reader } = deps;
    const { listsRooms, most, guestRights } = options;
    this.sessions = new Sessions(store.sessions, { most: most.sessions, guestRights });
    this.#store = store;
    this.#options = options;
    this.#waiting = waiting;
    this.#reader = reader;
    const { sessions } = this;
    const { bus } = store;
    const onChangeHere = (publicToken: string) => this.#peers.notePresence(publicToken);
    this.audience = new ChannelPresence({ sessions, waiting, bus, listsRooms, most, onChangeHere });
    const tell = (signal: Signal) => this.audience.tell(signal);
    const { presence } = this.audience;
    const onEnded = (...end: [string, EndReason]) => this.accounts.endHere(...end);
    this.#peers = new Peers({ bus, presence, waiting, sessions, onEnded });
    this.trace = deps.trace;
    this.#tracing = deps.tracing;
    const { onAcknowledged } = options;
    this.receipts = new Receipts(
      { store, sessions, presence, onAcknowledged },
      (...delivery) => this.conversations.noteDelivered(...delivery),
    );
    const { receipts } = this;
    this.conversations = new Conversations({ sessions, store, reader, receipts, tell });
    this.publishing = new Publishing({ sessions, log: store.log });
    this.accounts = new Accounts({
      ...{ sessions, waiting, audience: this.audience, conversations: this.conversations },
      peers: this.#peers,
      reservedNames: new ReservedNames(options.reservedNames),
      newest: () => reader.newest,
    });
    this.#polling = new Polling({
      epoch: store.log.epoch,
      reader,
      waiting,
      presence,
      trace: this.trace,
      signals: this.audience.signals,
      hold: options.hold,
      onDelivered: (delivery) => receipts.noteDelivered(delivery),
    });
  }

  /** Names this process among the nodes, for as long as it lives. */
  get node(): string {
    return this.#peers.node;
  }

  /** The epoch of the log: part of every cursor. */
  get epoch(): string {
    return this.#store.log.epoch;
  }

  /** How many polls are parked. */
  get parked(): number {
    return this.#waiting.size;
  }

  /** How large the recent window is, in bytes of JSON. */
  get windowBytes(): number {
    return this.#reader.windowBytes;
  }

  /** Makes a session. */
  async signIn(displayName: string): Promise<Credentials> {
    this.#checkOpen();
    return await this.accounts.signIn(displayName);
  }

  /** Signs in a user of an application; what waits for a new one counts as unread. */
  async signInUser(userId: string, displayName: string): Promise<Credentials> {
    this.#checkOpen();
    return await this.accounts.signInUser(userId, displayName);
  }

  /** Appends a message; it is durable when this resolves. */
  async send(session: Session, sending: Sending): Promise<Appended> {
    this.#checkOpen(session);
    checkBody(sending);
    const channel = channelFor(session.publicToken, sending.channel);
    checkMayWrite(session, channel);
    await this.#checkRecipient(session, channel);
    const draft = { ...sending, channel: formatChannel(channel), from: session.person };
    const [[appended]] = await Promise.all([
      this.#store.log.append([draft]),
      channel.kind === "direct" && this.conversations.openForPair(channel.pair),
    ]);
    if (appended === undefined) throw new Error("A log took a draft and gave no message");
    return appended;
  }

  /** The answer to a poll, when there is one; `undefined` when its client has left. */
  poll(session: Session, poll: Poll): Promise<PollReply | undefined> {
    this.#checkOpen(session);
    const last = this.audience.presence.subscriptionOf(session.publicToken, poll.tab);
    const subscription = subscriptionFor(session, poll, last);
    if (subscription !== last) this.audience.checkRooms(subscription);
    return this.#polling.answer(session, poll, subscription);
  }

  /** The first message after the id `after` among those that a poll of these rooms reads. */
  async firstAfter(
    session: Session,
    rooms: readonly string[],
    after: number,
  ): Promise<Message | undefined> {
    return (await this.#reader.read(topicsFor(session, rooms), after)).messages[0];
  }

  /** At most `limit` messages of a channel with ids below `before`, for scrolling back. */
  async history(
    session: Session,
    address: string,
    { before, limit }: { before?: number | undefined; limit: number },
  ): Promise<HistoryReply> {
    const channel = this.#readable(session, address);
    const messages = await this.#store.log.history(formatChannel(channel), before, limit + 1);
    return { messages: messages.slice(0, limit), more: messages.length > limit };
  }

  /** The message with that id, if it is kept. */
  messageAt(id: number): Promise<Message | undefined> {
    return this.#store.log.get(id);
  }

  /** Tells those who read a channel that this session is typing. */
  typing(session: Session, address: string): void {
    this.#checkOpen(session);
    this.audience.typing(session, address);
  }

  /** Ends what has run out: presences, signals, sessions, old messages. */
  async sweep(): Promise<void> {
    this.audience.sweep();
    this.#peers.sweep();
    await this.sessions.sweep(this.#options.sessionAge);
    await prune(this.#store, () => this.#isClosing);
  }

  /** Refuses what is new, and answers every parked poll; `slotOf` gives the n-th of them its `retryAfter` (ms). */
  async close(slotOf: (n: number, of: number) => number): Promise<void> {
    this.#isClosing = true;
    await this.#waiting.close(slotOf);
    await this.receipts.flush();
    // When each was last seen is not worth failing for.
    await this.sessions.flush().catch(ignoreUnavailable);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#waiting[Symbol.dispose]();
    this.#peers[Symbol.dispose]();
    this.audience[Symbol.dispose]();
    this.receipts[Symbol.dispose]();
    this.#tracing?.[Symbol.dispose]();
    this.conversations[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
    return Promise.resolve();
  }

  #checkOpen(session?: Session): void {
    if (session?.hasEnded) throw new Refused("not_signed_in", "The session has ended");
    if (session !== undefined) checkNotExpired(session);
    if (this.#isClosing) throw new Refused("closing", "The server is about to stop", 1_000);
  }

  #readable(session: Session, address: string): Channel {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    return channel;
  }

  async #checkRecipient(session: Session, channel: Channel): Promise<void> {
    if (channel.kind !== "direct") return;
    const recipient = otherOf(channel.pair, session.publicToken);
    if (await this.sessions.find(recipient) === undefined) {
      throw new Refused("unknown_recipient", "There is nobody by that public token");
    }
  }
}
