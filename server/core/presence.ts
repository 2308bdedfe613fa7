import type { Topic } from "./channel.ts";
import type { Person } from "./message.ts";
import type { Given } from "./receipts.ts";
import type { PresenceState } from "./signal.ts";
import { steadyNow } from "./steady_time.ts";

/** What a tab reads, as its polls say. One object for as long as they say the same. */
export interface Attendance {
  /** As the polls name them. */
  readonly asked: readonly string[];
  /** The rooms among them, each once and in its usual spelling. */
  readonly channels: readonly string[];
  /** Where its messages are found. */
  readonly topics: readonly Topic[];
  readonly state: "active" | "background";
}

/** One tab's presence: renewed by each of its polls, and over by itself. */
export interface Lease {
  readonly attendance: Attendance;
  /** Unix time in ms. */
  expires: number;
  /** The number of the last signal that this tab was given. */
  heard: number;
  /** What for this session alone the tab was given and has not acknowledged. */
  given: Given | undefined;
  /** The id up to which the tab has everything, by its last cursor. */
  place: number;
}

/** Someone who is here. */
export interface Present extends Person {
  readonly state: PresenceState;
  /** When it polled last: Unix time in ms. */
  readonly lastSeen: number;
}

/** A room that somebody reads now. */
export interface ActiveRoom {
  readonly channel: string;
  /** How many people read it. */
  readonly present: number;
}

/** The rooms that are read now, those with most readers first. */
export interface RoomsReply {
  readonly rooms: readonly ActiveRoom[];
}

/** So many tabs of one session are remembered; of more, those that polled last. */
const TABS = 8;

interface Attendant {
  readonly person: Person;
  readonly leases: Map<string, Lease>;
  lastSeen: number;
}

/** Knows who reads which channel, by leases. Tells of changes, but not to whom they matter. */
export class PresenceBook {
  readonly #onChange: (channel: string, person: Person, state: PresenceState) => void;
  readonly #attendants = new Map<string, Attendant>();
  readonly #byChannel = new Map<string, Map<string, Attendant>>();

  constructor(onChange: (channel: string, person: Person, state: PresenceState) => void) {
    this.#onChange = onChange;
  }

  /** What a tab read, as its last poll said, while its lease lasts. */
  attendanceOf(publicToken: string, tab: string): Attendance | undefined {
    return this.#attendants.get(publicToken)?.leases.get(tab)?.attendance;
  }

  /** Renews a tab's lease for `length` ms. A new tab has heard all signals up to number `heard`. */
  renew(person: Person, tab: string, attendance: Attendance, length: number, heard: number): Lease {
    const attendant = this.#attendant(person);
    const old = attendant.leases.get(tab);
    attendant.lastSeen = steadyNow();
    const expires = attendant.lastSeen + length;
    if (old?.attendance === attendance) {
      old.expires = expires;
      return old;
    }
    if (old === undefined && attendant.leases.size >= TABS) this.#endOldest(attendant);
    const { heard: last = heard, given, place = 0 } = old ?? {};
    const lease = { attendance, expires, heard: last, given, place };
    this.#change(attendant, tab, lease);
    return lease;
  }

  /** How many people read this channel. */
  count(channel: string): number {
    return this.#byChannel.get(channel)?.size ?? 0;
  }

  /** At most `limit` of those who read this channel. */
  list(channel: string, limit: number): readonly Present[] {
    const present: Present[] = [];
    for (const { person, leases, lastSeen } of this.#byChannel.get(channel)?.values() ?? []) {
      if (present.length === limit) break;
      present.push({ ...person, state: stateIn(leases, channel), lastSeen });
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
    return attendant === undefined ? "offline" : stateIn(attendant.leases);
  }

  /** The tabs of a session that poll. */
  tabsOf(publicToken: string): readonly string[] {
    return [...this.#attendants.get(publicToken)?.leases.keys() ?? []];
  }

  /** Of the people who read a topic, how many have the message `id`, and how many do not. */
  progress(topic: Topic, id: number): { readonly delivered: number; readonly waiting: number } {
    let [delivered, waiting] = [0, 0];
    const readers = topic === "notice" ? this.#attendants : this.#byChannel.get(topic);
    for (const { leases } of readers?.values() ?? []) {
      const tabs = [...leases.values()]
        .filter(({ attendance }) => attendance.topics.includes(topic));
      if (tabs.some(({ place }) => place >= id)) delivered++;
      else if (tabs.length > 0) waiting++;
    }
    return { delivered, waiting };
  }

  /** Ends the presence of a session. */
  end(publicToken: string): void {
    const attendant = this.#attendants.get(publicToken);
    for (const tab of [...attendant?.leases.keys() ?? []]) {
      if (attendant !== undefined) this.#change(attendant, tab, undefined);
    }
  }

  /** Ends the leases that were not renewed in time. */
  sweep(): void {
    const now = steadyNow();
    for (const attendant of this.#attendants.values()) {
      for (const [tab, lease] of attendant.leases) {
        if (lease.expires <= now) this.#change(attendant, tab, undefined);
      }
    }
  }

  #endOldest(attendant: Attendant): void {
    const leases = [...attendant.leases].sort(([, one], [, other]) => one.expires - other.expires);
    const [oldest] = leases;
    if (oldest !== undefined) this.#change(attendant, oldest[0], undefined);
  }

  #attendant(person: Person): Attendant {
    let attendant = this.#attendants.get(person.publicToken);
    if (attendant === undefined) {
      attendant = { person, leases: new Map(), lastSeen: 0 };
      this.#attendants.set(person.publicToken, attendant);
    }
    return attendant;
  }

  /** Puts another lease, or none, in the place of a tab's, and tells in which channels that makes a difference. */
  #change(attendant: Attendant, tab: string, lease: Lease | undefined): void {
    const { person, leases } = attendant;
    const channels = new Set([
      ...leases.get(tab)?.attendance.channels ?? [],
      ...lease?.attendance.channels ?? [],
    ]);
    const before = [...channels].map((channel) => stateIn(leases, channel));
    if (lease === undefined) leases.delete(tab);
    else leases.set(tab, lease);
    if (leases.size === 0) this.#attendants.delete(person.publicToken);
    for (const [n, channel] of [...channels].entries()) {
      const state = stateIn(leases, channel);
      if (state === before[n]) continue;
      this.#enter(channel, attendant, state);
      this.#onChange(channel, person, state);
    }
  }

  #enter(channel: string, attendant: Attendant, state: PresenceState): void {
    let members = this.#byChannel.get(channel);
    if (members === undefined) this.#byChannel.set(channel, members = new Map());
    if (state === "offline") members.delete(attendant.person.publicToken);
    else members.set(attendant.person.publicToken, attendant);
    if (members.size === 0) this.#byChannel.delete(channel);
  }
}

function stateIn(leases: ReadonlyMap<string, Lease>, channel?: string): PresenceState {
  let state: PresenceState = "offline";
  for (const { attendance } of leases.values()) {
    if (channel !== undefined && !attendance.channels.includes(channel)) continue;
    if (attendance.state === "active") return "active";
    state = "background";
  }
  return state;
}
