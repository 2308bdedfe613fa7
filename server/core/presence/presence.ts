import { TABS_PER_SESSION } from "../../protocol/limits.ts";
import type { ActiveRoom, Present } from "../../protocol/replies.ts";
import {
  channelsOf,
  type Elsewhere,
  type PresenceEntry,
  presenceOf,
  stateIn,
} from "./presence_entry.ts";
import type { Topic } from "../model/topics.ts";
import type { Person } from "../../protocol/message.ts";
import type { NodePresence } from "../cluster/node_event.ts";
import type { PendingAck } from "../conversations/receipts.ts";
import type { Rights } from "../model/rights.ts";
import type { PresenceState } from "../../protocol/signal.ts";
import { steadyNow } from "../../base/clock.ts";

/** What a tab reads, as its polls say. One object for as long as they say the same. */
export interface Subscription {
  /** As the polls name them; and what their session might read then. */
  readonly asked: readonly string[];
  readonly rights: Rights;
  /** The rooms among them, each once and in its usual spelling. */
  readonly channels: readonly string[];
  /** Where its messages are found. */
  readonly topics: readonly Topic[];
  readonly state: "active" | "background";
}

/** One tab's presence: renewed by each of its polls, and over by itself. */
export interface Lease {
  readonly subscription: Subscription;
  /** Unix time in ms. */
  expires: number;
  /** The number of the last signal that this tab was given. */
  heard: number;
  /** What for this session alone the tab was given and has not acknowledged. */
  given: PendingAck | undefined;
  /** The id up to which the tab has everything, by its last cursor. */
  place: number;
}

interface Entry extends PresenceEntry {
  person: Person;
  readonly leases: Map<string, Lease>;
  readonly elsewhere: Map<string, Elsewhere>;
  lastSeen: number;
}

/** Told that somebody is in another state in a channel than before. */
type OnChange = (channel: string, person: Person, state: PresenceState) => void;

/** Knows who reads which channel, by leases, here and on other nodes. Tells of changes, but not to whom they matter. */
export class Presence {
  readonly #onChange: OnChange;
  readonly #onChangeHere: (publicToken: string) => void;
  readonly #attendants = new Map<string, Entry>();
  readonly #byChannel = new Map<string, Map<string, Entry>>();

  /** `onChangeHere` is told of each session whose tabs that poll here, or what they read, are others than before. */
  constructor(onChange: OnChange, onChangeHere: (publicToken: string) => void = () => {}) {
    this.#onChange = onChange;
    this.#onChangeHere = onChangeHere;
  }

  /** What a tab read, as its last poll said, while its lease lasts. */
  subscriptionOf(publicToken: string, tab: string): Subscription | undefined {
    return this.#attendants.get(publicToken)?.leases.get(tab)?.subscription;
  }

  /** Renews a tab's lease for `length` ms. A new tab has heard all signals up to number `heard`. */
  renew(
    person: Person,
    tab: string,
    subscription: Subscription,
    length: number,
    heard: number,
  ): Lease {
    const attendant = this.#attendant(person);
    attendant.person = person;
    const old = attendant.leases.get(tab);
    attendant.lastSeen = steadyNow();
    const expires = attendant.lastSeen + length;
    if (old?.subscription === subscription) {
      old.expires = expires;
      return old;
    }
    if (old === undefined && attendant.leases.size >= TABS_PER_SESSION) this.#endOldest(attendant);
    const { heard: last = heard, given, place = 0 } = old ?? {};
    const lease = { subscription, expires, heard: last, given, place };
    this.#change(attendant, tab, lease);
    return lease;
  }

  /** How many sessions are present, whatever they read. */
  get size(): number {
    return this.#attendants.size;
  }

  /** How many channels are read. */
  get channels(): number {
    return this.#byChannel.size;
  }

  /** How many people read this channel. */
  count(channel: string): number {
    return this.#byChannel.get(channel)?.size ?? 0;
  }

  /** At most `limit` of those who read this channel. */
  list(channel: string, limit: number): readonly Present[] {
    const present: Present[] = [];
    for (const attendant of this.#byChannel.get(channel)?.values() ?? []) {
      if (present.length === limit) break;
      const { person, lastSeen } = attendant;
      present.push({ ...person, state: stateIn(attendant, channel), lastSeen });
    }
    return present;
  }

  /** The `limit` rooms that most people read, those with most first. */
  rooms(limit: number): readonly ActiveRoom[] {
    const best: ActiveRoom[] = [];
    for (const [channel, { size: present }] of this.#byChannel) {
      if (best.length === limit && present <= (best.at(-1)?.present ?? 0)) continue;
      const place = best.findIndex((room) => room.present < present);
      best.splice(place < 0 ? best.length : place, 0, { channel, present });
      best.length = Math.min(best.length, limit);
    }
    return best;
  }

  /** The state of one session, whatever it reads. */
  stateOf(publicToken: string): PresenceState {
    const attendant = this.#attendants.get(publicToken);
    return attendant === undefined ? "offline" : stateIn(attendant);
  }

  /** Everybody who polls, in no order. It may be gone through while people come and go. */
  attendants(): Iterable<PresenceEntry> {
    return this.#attendants.values();
  }

  /** The sessions that poll here. */
  here(): readonly string[] {
    return [...this.#attendants].flatMap(([token, { leases }]) => leases.size > 0 ? [token] : []);
  }

  /** Where a session is present by its polls here; `undefined` where it is not known any more. */
  presenceHere(publicToken: string): NodePresence | undefined {
    const attendant = this.#attendants.get(publicToken);
    return attendant && presenceOf(attendant.person, [...attendant.leases.values()]);
  }

  /** Takes in where a session is present on another node, for `length` ms. */
  noteElsewhere(node: string, { person, ...presence }: NodePresence, length: number): void {
    const attendant = this.#attendant(person);
    const { elsewhere } = attendant;
    attendant.lastSeen = steadyNow();
    const expires = attendant.lastSeen + length;
    const channels = [...channelsOf(elsewhere.get(node)), ...channelsOf(presence)];
    this.#update(attendant, channels, () => {
      if (presence.state === "offline") elsewhere.delete(node);
      else elsewhere.set(node, { ...presence, expires });
    });
  }

  /** The tabs of a session that poll here. */
  tabsOf(publicToken: string): readonly string[] {
    return [...this.#attendants.get(publicToken)?.leases.keys() ?? []];
  }

  /** Of the people who read a topic, how many have the message `id`, and how many do not. */
  progress(topic: Topic, id: number): { readonly delivered: number; readonly waiting: number } {
    let [delivered, waiting] = [0, 0];
    const readers = topic === "notice" ? this.#attendants : this.#byChannel.get(topic);
    for (const { leases } of readers?.values() ?? []) {
      const tabs = [...leases.values()]
        .filter(({ subscription }) => subscription.topics.includes(topic));
      if (tabs.some(({ place }) => place >= id)) delivered++;
      else if (tabs.length > 0) waiting++;
    }
    return { delivered, waiting };
  }

  /** Ends the presence of a session. */
  end(publicToken: string): void {
    const attendant = this.#attendants.get(publicToken);
    if (attendant !== undefined) this.#endUntil(attendant, Infinity);
  }

  /** Ends the leases that were not renewed in time. */
  sweep(): void {
    const now = steadyNow();
    for (const attendant of this.#attendants.values()) this.#endUntil(attendant, now);
  }

  #endUntil(attendant: Entry, time: number): void {
    for (const [tab, { expires }] of attendant.leases) {
      if (expires <= time) this.#change(attendant, tab, undefined);
    }
    for (const [node, presence] of attendant.elsewhere) {
      if (presence.expires > time) continue;
      this.#update(attendant, channelsOf(presence), () => attendant.elsewhere.delete(node));
    }
  }

  #endOldest(attendant: Entry): void {
    const leases = [...attendant.leases].sort(([, one], [, other]) => one.expires - other.expires);
    const [oldest] = leases;
    if (oldest !== undefined) this.#change(attendant, oldest[0], undefined);
  }

  #attendant(person: Person): Entry {
    let attendant = this.#attendants.get(person.publicToken);
    if (attendant === undefined) {
      const since = steadyNow();
      attendant = { person, since, leases: new Map(), elsewhere: new Map(), lastSeen: since };
      this.#attendants.set(person.publicToken, attendant);
    }
    return attendant;
  }

  /** Puts another lease, or none, in the place of a tab's. */
  #change(attendant: Entry, tab: string, lease: Lease | undefined): void {
    const { person, leases } = attendant;
    const channels = [
      ...leases.get(tab)?.subscription.channels ?? [],
      ...lease?.subscription.channels ?? [],
    ];
    this.#update(attendant, channels, () => {
      if (lease === undefined) leases.delete(tab);
      else leases.set(tab, lease);
    });
    this.#onChangeHere(person.publicToken);
  }

  /** Changes something about an attendant, and tells in which of the channels that makes a difference. */
  #update(attendant: Entry, channels: readonly string[], change: () => void): void {
    const { person, leases, elsewhere } = attendant;
    const affected = [...new Set(channels)];
    const before = affected.map((channel) => stateIn(attendant, channel));
    change();
    if (leases.size === 0 && elsewhere.size === 0) this.#attendants.delete(person.publicToken);
    for (const [n, channel] of affected.entries()) {
      const state = stateIn(attendant, channel);
      if (state === before[n]) continue;
      this.#enter(channel, attendant, state);
      this.#onChange(channel, person, state);
    }
  }

  #enter(channel: string, attendant: Entry, state: PresenceState): void {
    let members = this.#byChannel.get(channel);
    if (members === undefined) this.#byChannel.set(channel, members = new Map());
    if (state === "offline") members.delete(attendant.person.publicToken);
    else members.set(attendant.person.publicToken, attendant);
    if (members.size === 0) this.#byChannel.delete(channel);
  }
}
