import type { Runtime } from "../../base/runtime.ts";
import type { LiveSessionsReply } from "../../protocol/admin_replies.ts";
import type { Body, Message } from "../../protocol/message.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { Peers } from "../cluster/peers.ts";
import { Claims } from "../conversations/claims.ts";
import { Conversations } from "../conversations/conversations.ts";
import { Editing } from "../conversations/editing.ts";
import { Publishing } from "../conversations/publishing.ts";
import { Receipts } from "../conversations/receipts.ts";
import { RoomLists } from "../conversations/room_lists.ts";
import { Sending } from "../conversations/sending.ts";
import { History } from "../log/history.ts";
import type { LogReader } from "../log/log_reader.ts";
import type { OutgoingMessage } from "../model/content.ts";
import type { HubEvents } from "../model/hub_events.ts";
import { type FileService, NO_FILES } from "../model/files.ts";
import { NO_OTHERS, type WorkerAnswers } from "../model/others.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Session } from "../model/session.ts";
import type { Appended, Store } from "../model/store.ts";
import type { Poll } from "../polls/poll.ts";
import { Polling } from "../polls/polling.ts";
import type { Trace } from "../polls/trace.ts";
import { ChannelPresence } from "../presence/channel_presence.ts";
import {
  listLive,
  type LiveQuery,
  type LiveSessionsDeps,
  localSessions,
} from "../presence/live_sessions.ts";
import { Presence } from "../presence/presence.ts";
import { SignalBoard } from "../presence/signal_board.ts";
import { checkNotExpired } from "../sessions/claims.ts";
import { ReservedNames } from "../sessions/reserved_names.ts";
import { type Credentials, Sessions } from "../sessions/sessions.ts";
import { UserIds } from "../sessions/user_ids.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";
import type { Bans } from "../sessions/bans.ts";
import { Accounts } from "./accounts.ts";
import { AuditLog } from "./audit_log.ts";
import { Banning } from "./banning.ts";
import { ErasureRecords } from "./erasure_records.ts";
import { Erasures } from "./erasures.ts";
import { Exports } from "./exports.ts";
import type { HubOptions } from "./hub_options.ts";
import { type OpenedParts, openParts } from "./open_parts.ts";
import { Retention } from "./retention.ts";
import { Traces } from "./traces.ts";

/**
 * One node's core: takes messages in and delivers them to the sessions that poll. HTTP and the jobs use a hub, and
 * nothing below it knows HTTP. Its parts are constructed in order and talk to each other through {@linkcode HubEvents}.
 */
export class Hub implements AsyncDisposable {
  /** The id of this node, for as long as its process lives. */
  readonly node: string;
  readonly events: HubEvents;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly presence: Presence;
  readonly channelPresence: ChannelPresence;
  readonly conversations: Conversations;
  readonly history: History;
  readonly roomLists: RoomLists;
  readonly receipts: Receipts;
  readonly publishing: Publishing;
  readonly bans: Bans;
  readonly banning: Banning;
  readonly audit: AuditLog;
  readonly erasures: Erasures;
  readonly exports: Exports;
  readonly trace: Trace | undefined;
  readonly traces: Traces;
  readonly #files: FileService;
  readonly #editing: Editing;
  readonly #sending: Sending;
  readonly #store: Store;
  readonly #reader: LogReader;
  readonly #waiting: WaitingRoom;
  readonly #polling: Polling;
  readonly #peers: Peers;
  readonly #live: LiveSessionsDeps;
  readonly #runtime: Runtime;
  readonly #signals: SignalBoard;
  readonly #retention: Retention;
  readonly #closing = new AbortController();
  /** The parts to dispose of, in the order of their construction. */
  readonly #parts = new DisposableStack();

  /** Opens a hub over a store, which the caller disposes of. */
  static async open(store: Store, options: HubOptions): Promise<Hub> {
    return new Hub(store, options, await openParts(store, options));
  }

  private constructor(store: Store, options: HubOptions, opened: OpenedParts) {
    const { runtime, node, events, waiting, reader, bans, trace, tracing } = opened;
    const { listsRooms, max, home, guestRights, sessionAge, editTime, onAcknowledged } = options;
    const signals = this.#signals = new SignalBoard(runtime);
    const { sessions: shared, others = NO_OTHERS } = options.worker ?? {};
    this.node = node;
    this.events = events;
    this.#runtime = runtime;
    this.trace = trace;
    this.traces = new Traces(trace, others);
    const files = this.#files = options.files ?? NO_FILES;
    this.#store = store;
    this.#reader = this.#parts.use(reader);
    if (tracing !== undefined) this.#parts.use(tracing);
    this.#waiting = waiting;
    const sessionOptions = { maxSessions: max.sessions, guestRights, shared, runtime };
    const sessions = this.sessions = new Sessions(store.sessions, sessionOptions);
    const presence = this.presence = new Presence(events, runtime);
    const userIds = new UserIds({ sessions, store });
    const records = new ErasureRecords(store.keyValue);
    const audit = this.audit = new AuditLog({ keyValue: store.keyValue, sessions, runtime });
    const common = {
      ...{ events, bus: store.bus, store, sessions, presence, waiting, others, runtime },
      ...{ userIds, trace, bans, audit, files },
    };
    this.bans = this.#parts.use(bans);
    this.banning = this.#parts.use(new Banning(common));
    const receipts = this.receipts = this.#parts.use(new Receipts({ ...common, onAcknowledged }));
    const conversations = this.#parts.use(new Conversations({ ...common, reader, receipts }));
    this.#live = common;
    this.history = new History(store.log, reader);
    this.conversations = conversations;
    this.publishing = new Publishing({ ...common, conversations });
    this.exports = new Exports(common);
    this.#editing = new Editing({ ...common, log: store.log, editTime });
    const claims = new Claims(store.log);
    this.#sending = new Sending({ ...common, log: store.log, conversations, claims });
    this.roomLists = new RoomLists({ ...common, reader, claims });
    this.channelPresence = this.#parts.use(
      new ChannelPresence({ ...common, signals, listsRooms, home, maxRooms: max.rooms }),
    );
    const accounts = this.accounts = this.#parts.use(
      new Accounts({
        ...{ ...common, conversations, erasureRecords: records },
        reservedNames: new ReservedNames(options.reservedNames),
        newest: () => reader.newest,
      }),
    );
    this.erasures = this.#parts.use(new Erasures({ ...common, accounts, conversations, records }));
    this.#polling = new Polling({
      ...{ ...common, reader, signals, epoch: store.log.epoch },
      isFull: (...args) => this.channelPresence.isFull(...args),
      hold: options.hold,
      onDelivered: (delivery) => receipts.addDelivery(delivery),
    });
    this.#retention = new Retention({
      ...{ ...common, reader },
      sessionAge,
      retain: options.retain ?? [],
      onClockAhead: options.onClockAhead,
    });
    this.#peers = this.#parts.use(new Peers({ ...common, node: this.node }));
    this.#parts.use(waiting);
  }

  /** The epoch of the log: part of every cursor. */
  get epoch(): string {
    return this.#store.log.epoch;
  }

  get parked(): number {
    return this.#waiting.size;
  }

  /** The number of parked polls at all workers of the process. */
  get allParked(): number {
    return this.#waiting.allSeats;
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
  send(session: Session, outgoing: OutgoingMessage): Promise<Appended> {
    this.#checkUsable(session);
    return this.#sending.send(session, outgoing);
  }

  /** Edits or deletes a message as {@linkcode Editing.change} does. It is durable when this resolves. */
  change(editor: Session | undefined, id: number, content?: Body): Promise<Message> {
    this.#checkUsable(editor);
    return this.#editing.change(editor, id, content);
  }

  /** Adds or removes a reaction as {@linkcode Editing.react} does. It is durable when this resolves. */
  react(
    session: Session,
    id: number,
    reaction: { readonly emoji: string; readonly on: boolean },
  ): Promise<Message> {
    this.#checkUsable(session);
    return this.#editing.react(session, id, reaction);
  }

  /** The files of messages, for a session; without one, for an administrator. */
  filesFor(session: Session | undefined): FileService {
    this.#checkUsable(session);
    return this.#files;
  }

  /** The maximum size of a file in bytes; 0 if no files are stored. */
  get maxFileBytes(): number {
    return this.#files.maxBytes;
  }

  /** Resolves with the reply to a poll, or with `undefined` if its client has disconnected. */
  poll(session: Session, poll: Poll): Promise<PollReply | undefined> {
    this.#checkUsable(session);
    return this.#polling.reply(session, poll);
  }

  /** Some of the present sessions, for administrators. */
  liveSessions(query: LiveQuery): Promise<LiveSessionsReply> {
    return listLive(this.#live, query);
  }

  /** What this hub tells the other workers of its process. */
  get answers(): WorkerAnswers {
    const { presence } = this;
    return {
      progress: (topic, id) => presence.progress(topic, id),
      sessions: (publicTokens) => localSessions(this.#live, publicTokens),
      ...this.traces.answers,
    };
  }

  /** Signals to the readers of a channel that this session is typing. */
  typing(session: Session, address: string): void {
    this.#checkUsable(session);
    this.channelPresence.typing(session, address);
  }

  /** Removes what has expired: presence, signals, and old messages, receipts and sessions. */
  async sweep(): Promise<void> {
    this.#sweepMemory();
    await Promise.all([this.bans.refresh(), this.audit.flush()]);
    await this.#retention.sweep(this.#closing.signal);
  }

  /** Like {@linkcode sweep}, for a worker that leaves the store to another one of its process. */
  async sweepWorker(): Promise<void> {
    this.#sweepMemory();
    await Promise.all([this.bans.refresh(), this.audit.flush()]);
    await this.sessions.storeSeen();
  }

  /** Rejects new requests and answers all parked polls. `returnDelayOf` returns the `retryAfter` in ms of the n-th of them. */
  async close(returnDelayOf: (n: number, of: number) => number): Promise<void> {
    this.#closing.abort();
    await this.#waiting.close(returnDelayOf);
    await Promise.all([this.receipts.flush(), this.audit.flush().catch(ignoreUnavailable)]);
    // The times of last requests can be lost.
    await this.sessions.flush().catch(ignoreUnavailable);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#parts.dispose();
    return Promise.resolve();
  }

  #sweepMemory(): void {
    this.presence.sweep();
    this.#signals.sweep();
    this.#peers.sweep();
  }

  #checkOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new Refused("closing", "The server is shutting down", 1_000);
  }

  #checkUsable(session: Session | undefined): void {
    if (session?.hasEnded) throw new Refused("not_signed_in", "The session has ended");
    if (session !== undefined) checkNotExpired(session, this.#runtime);
    if (session !== undefined && !session.isApiKey) this.bans.check(session.publicToken, {});
    this.#checkOpen();
  }
}
