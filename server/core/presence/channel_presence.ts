import { LONG_AGO } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import { formatChannel, parseChannel } from "../../protocol/channel.ts";
import type { ActiveRoom, PresenceReply, RoomsReply } from "../../protocol/replies.ts";
import { isMeantAsPattern, patternsOf } from "../../protocol/room_pattern.ts";
import type { Signal } from "../../protocol/signal.ts";
import type { HubEvents, PresenceChanged } from "../model/hub_events.ts";
import { channelFor, checkMayRead, checkMayWrite, mayRead, visitorOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { NodeBus } from "../model/store.ts";
import { type Topic, topicsOfSignal } from "../model/message.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { PollConnection } from "../waiting/seat.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";
import type { WantedRooms } from "./largest_rooms.ts";
import type { Presence } from "./presence.ts";
import type { SignalBoard } from "./signal_board.ts";

/** What {@linkcode ChannelPresence} is constructed from. */
export interface ChannelPresenceDeps {
  readonly events: Pick<HubEvents, "presenceChanged">;
  readonly bus: NodeBus;
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
  readonly presence: Presence;
  readonly signals: SignalBoard;
  /** Whether all sessions may list the rooms that are being read. */
  readonly listsRooms: boolean;
  /** Maximum number of rooms that are read at the same time. */
  readonly maxRooms: number;
  /** The room that everyone can read, also beyond that number. */
  readonly home: Topic;
  readonly runtime: Runtime;
}

/** In a channel with more readers than this, a signal wakes no polls: readers get it with their next reply. */
const WAKE_LIMIT = 100;

/** A session, and all tabs from one network, can open this part of the free rooms once half of all are taken. */
const SHARES = { session: 32, network: 4 } as const;

/** Maximum number of people and rooms in a list. */
const LISTED = { people: 1_000, rooms: 100 } as const;

/** How long a list of rooms is reused, in ms, since making one visits every room. */
const ROOMS_CACHE = 2_000;

/** Answers who reads a channel, and delivers signals to the readers. Decides who may ask, which {@linkcode Presence} does not. */
export class ChannelPresence implements Disposable {
  readonly #deps: ChannelPresenceDeps;
  readonly #subscriptions = new DisposableStack();
  #rooms: readonly ActiveRoom[] = [];
  #roomsExpire = LONG_AGO;
  /** The number of rooms that the session of the latest poll has to itself. */
  #counted: { readonly connection: PollConnection; readonly rooms: number } | undefined;

  constructor(deps: ChannelPresenceDeps) {
    this.#deps = deps;
    this.#subscriptions.use(
      deps.events.presenceChanged.add((change) => this.#signalChange(change)),
    );
    this.#subscriptions.use(deps.bus.listen((event) => {
      if (event.type === "signal") this.#post(event.signal, event.own);
    }));
  }

  /** The readers of a channel; of a direct channel, its two people. */
  async list(session: Session, address: string): Promise<PresenceReply> {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    if (channel.kind === "direct") return await this.#pair(channel.pair);
    const { presence, sessions } = this.#deps;
    const name = formatChannel(channel);
    const isOfVisitor = visitorOf(sessions.guestRights, name) !== undefined;
    const isAttended = () => patternsOf(name).some((pattern) => presence.count(pattern) > 0);
    return {
      ...{ present: presence.list(name, LISTED.people), total: presence.count(name) },
      ...(isOfVisitor && { attended: isAttended() }),
    };
  }

  /**
   * The largest rooms that this session may read, without those of visitors; with `search`, of those with it in their name; with
   * `after`, of those that follow this one.
   */
  rooms(
    session: Session,
    { search = "", after }: Pick<WantedRooms, "after"> & { readonly search?: string | undefined } =
      {},
  ): RoomsReply {
    const { listsRooms, presence } = this.#deps;
    if (!listsRooms) return { rooms: [] };
    const isReadable = (address: string) => {
      const channel = parseChannel(address);
      return channel !== undefined && mayRead(session, channel);
    };
    const part = folded(search);
    const isListed = (room: string) =>
      folded(nameOf(room)).includes(part) && this.#isListed(room) && isReadable(room);
    const found = part === "" && after === undefined
      ? this.#largestRooms()
      : presence.rooms({ limit: LISTED.rooms + 1, isListed, after });
    const rooms = found.slice(0, LISTED.rooms).filter(({ channel }) => isReadable(channel));
    return { rooms, ...(found.length > LISTED.rooms && { more: true }) };
  }

  /** The largest rooms, for administrators. */
  allRooms(): RoomsReply & { readonly total: number } {
    const { presence } = this.#deps;
    return { rooms: presence.rooms({ limit: LISTED.rooms }), total: presence.channels };
  }

  /**
   * Whether nobody reads this room yet and the limit of rooms is reached for this session. `added`: number of other new
   * rooms of the same poll. Once half of the rooms are taken, a session can have only its share of the free ones to itself,
   * and a network can only open its share, so that a few cannot take them all.
   */
  isFull(
    { publicToken }: Session,
    room: Topic,
    { added, connection }: { added: number; connection: PollConnection },
  ): boolean {
    const { waiting, presence, maxRooms, home } = this.#deps;
    const free = maxRooms - Math.max(waiting.topics, presence.channels);
    if (free - added > maxRooms / 2 || room === home) return false;
    if (waiting.readersOf(room) > 0 || presence.count(room) > 0) return false;
    if (free <= added) return true;
    const shareOf = (shares: number) => Math.max(1, Math.floor(free / shares));
    // The same for all rooms of a poll, and each of its up to 256 rooms comes here.
    if (this.#counted?.connection !== connection) {
      this.#counted = { connection, rooms: presence.soleRoomsOf(publicToken) };
    }
    if (this.#counted.rooms + added >= shareOf(SHARES.session)) return true;
    const { network } = connection;
    return network !== undefined && waiting.topicsOf(network) + added >= shareOf(SHARES.network);
  }

  /** Sends the signal that this session is typing to the readers of a channel. */
  typing(session: Session, address: string): void {
    const channel = channelFor(session.publicToken, address);
    checkMayWrite(session, channel);
    const { person: from } = session;
    const { bus, runtime } = this.#deps;
    const at = runtime.wallNow();
    const signal: Signal = { type: "typing", channel: formatChannel(channel), from, at };
    bus.broadcast({ type: "signal", signal });
  }

  [Symbol.dispose](): void {
    this.#subscriptions.dispose();
  }

  /** One more than are listed, if there are. */
  #largestRooms(): readonly ActiveRoom[] {
    const { presence, runtime } = this.#deps;
    if (runtime.hasPassed(this.#roomsExpire)) {
      this.#rooms = presence.rooms({
        limit: LISTED.rooms + 1,
        isListed: (room) => this.#isListed(room),
      });
      this.#roomsExpire = runtime.fromNow(ROOMS_CACHE);
    }
    return this.#rooms;
  }

  #isListed(room: string): boolean {
    return !this.#deps.sessions.guestRights.visitorRooms.covers(room) && !isMeantAsPattern(room);
  }

  async #pair(pair: readonly [string, string]): Promise<PresenceReply> {
    const { sessions, presence, runtime } = this.#deps;
    const known = await Promise.all(pair.map((publicToken) => sessions.find(publicToken)));
    const present = known.filter((session) => session !== undefined)
      .map(({ person, seenAt }) => ({
        ...person,
        state: presence.stateOf(person.publicToken),
        lastSeen: runtime.wallTimeOf(seenAt),
      }));
    return { present, total: present.length };
  }

  /** Every node knows the presence on all nodes, so each makes this signal for itself. */
  #signalChange({ channel, person: from, state }: PresenceChanged): void {
    const { presence, runtime } = this.#deps;
    if (presence.count(channel) > WAKE_LIMIT) return;
    this.#post({ type: "presence", channel, from, state, at: runtime.wallNow() });
  }

  #post(signal: Signal, own?: boolean): void {
    const { waiting, signals } = this.#deps;
    const topics = topicsOfSignal(signal, own);
    signals.post(signal, topics);
    if (topics.every((topic) => waiting.readersOf(topic) <= WAKE_LIMIT)) waiting.wake(topics);
  }
}

function nameOf(room: string): string {
  return room.slice("room:".length);
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
