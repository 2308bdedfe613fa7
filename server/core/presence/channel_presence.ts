import type { ActiveRoom, PresenceReply, RoomsReply } from "../../protocol/replies.ts";
import { formatChannel, parseChannel } from "../../protocol/channel.ts";
import { Listeners } from "../../base/listeners.ts";
import { listLive, type LiveQuery } from "./live_sessions.ts";
import type { LiveSessionsReply } from "../../protocol/admin_replies.ts";
import type { Person } from "../../protocol/message.ts";
import { Presence, type Subscription } from "./presence.ts";
import { Refused } from "../model/refused.ts";
import { channelFor, checkMayRead, checkMayWrite, mayRead } from "../model/rights.ts";
import type { Session, Sessions } from "../sessions/sessions.ts";
import type { PresenceState, Signal } from "../../protocol/signal.ts";
import { topicsOfSignal } from "../model/topics.ts";
import { SignalBoard } from "./signal_board.ts";
import { steadyNow } from "../../base/clock.ts";
import type { NodeBus } from "../model/store.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** Somebody is in another state in a channel than before. */
export type PresenceChange = Extract<Signal, { type: "presence" }>;

/** What an audience is made from. */
export interface ChannelPresenceDeps {
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
  readonly bus: NodeBus;
  /** Told of each session whose tabs that poll here, or what they read, are others than before. */
  readonly onChangeHere: (publicToken: string) => void;
  /** Whether everybody may know which rooms are read. */
  readonly listsRooms: boolean;
  /** So many rooms are read at once at most. */
  readonly most: { readonly rooms: number };
}

/** Signals wake nobody in a channel with more readers than this; they ride along with the next reply. */
const SIGNAL_AUDIENCE = 100;

/** So many people are listed of those who read a channel, and so many rooms. */
const LISTED = { people: 1_000, rooms: 100 } as const;

/** A list of the rooms is given out for so long (ms), since it takes a look at each. */
const ROOMS_LAST = 2_000;

/** Those who read now, and what they signal to each other. */
export class ChannelPresence implements Disposable {
  readonly presence: Presence;
  readonly signals = new SignalBoard();
  readonly #deps: ChannelPresenceDeps;
  readonly #listening: Disposable;
  readonly #followers = new Listeners<PresenceChange>();
  #rooms: { readonly list: readonly ActiveRoom[]; readonly until: number } = { list: [], until: 0 };

  constructor(deps: ChannelPresenceDeps) {
    this.#deps = deps;
    this.presence = new Presence(
      (...change) => this.#hearPresence(...change),
      deps.onChangeHere,
    );
    this.#listening = deps.bus.listen((event) => {
      if (event.type === "signal") this.#hear(event.signal);
    });
  }

  /** Who reads a channel now; of a direct channel, its two people. */
  async of(session: Session, address: string): Promise<PresenceReply> {
    const channel = channelFor(session.publicToken, address);
    checkMayRead(session, channel);
    if (channel.kind === "direct") return await this.#pair(channel.pair);
    const name = formatChannel(channel);
    return { present: this.presence.list(name, LISTED.people), total: this.presence.count(name) };
  }

  /** Those of the rooms that most people read now which this session may read, too. */
  rooms(session: Session): RoomsReply {
    if (!this.#deps.listsRooms) return { rooms: [] };
    const now = steadyNow();
    if (this.#rooms.until <= now) {
      this.#rooms = { list: this.presence.rooms(LISTED.rooms), until: now + ROOMS_LAST };
    }
    const rooms = this.#rooms.list.filter(({ channel: address }) => {
      const channel = parseChannel(address);
      return channel !== undefined && mayRead(session, channel);
    });
    return { rooms };
  }

  /** Refuses rooms that nobody reads yet with `too_many_rooms`, where so many are read already. */
  checkRooms({ topics }: Subscription): void {
    const { waiting, most } = this.#deps;
    const read = Math.max(waiting.topics, this.presence.channels);
    if (read + topics.length <= most.rooms) return;
    for (const topic of topics) {
      const isRead = waiting.audience(topic) > 0 || this.presence.count(topic) > 0;
      if (isRead || !topic.startsWith("room:")) continue;
      throw new Refused("too_many_rooms", "Cannot read another room here: too many are", 10_000);
    }
  }

  /** Some of those who are here, whatever they read: for whoever administers. */
  live(query: LiveQuery): Promise<LiveSessionsReply> {
    const { sessions, waiting } = this.#deps;
    return listLive({ presence: this.presence, sessions, waiting }, query);
  }

  /** The rooms that most people read now, whoever may know of them: for whoever administers. */
  allRooms(): RoomsReply & { readonly total: number } {
    return { rooms: this.presence.rooms(LISTED.rooms), total: this.presence.channels };
  }

  /** Tells those who read a channel that this session is typing. */
  typing(session: Session, address: string): void {
    const channel = channelFor(session.publicToken, address);
    checkMayWrite(session, channel);
    const { person: from } = session;
    this.tell({ type: "typing", channel: formatChannel(channel), from, at: steadyNow() });
  }

  /** Tells a signal to those whom it concerns, on every node. */
  tell(signal: Signal): void {
    this.#deps.bus.broadcast({ type: "signal", signal });
  }

  /** Calls `onChange` with each change of presence, however many read the channel. */
  follow(onChange: (change: PresenceChange) => void): Disposable {
    return this.#followers.add(onChange);
  }

  /** Ends the presences and the signals that have run out. */
  sweep(): void {
    this.presence.sweep();
    this.signals.sweep();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  async #pair(pair: readonly [string, string]): Promise<PresenceReply> {
    const { sessions } = this.#deps;
    const known = await Promise.all(pair.map((publicToken) => sessions.find(publicToken)));
    const present = known.filter((session) => session !== undefined)
      .map(({ person, lastSeen }) => ({
        ...person,
        state: this.presence.stateOf(person.publicToken),
        lastSeen,
      }));
    return { present, total: present.length };
  }

  /** Each node has a presence book of all nodes, and so hears of the same changes by itself. */
  #hearPresence(channel: string, from: Person, state: PresenceState): void {
    const change: PresenceChange = { type: "presence", channel, from, state, at: steadyNow() };
    this.#followers.emit(change);
    if (this.presence.count(channel) <= SIGNAL_AUDIENCE) this.#hear(change);
  }

  #hear(signal: Signal): void {
    const { waiting } = this.#deps;
    this.signals.post(signal);
    const topics = topicsOfSignal(signal);
    const isSmall = topics.every((topic) => waiting.audience(topic) <= SIGNAL_AUDIENCE);
    if (isSmall) waiting.wake(topics);
  }
}
