import { later, LONG_AGO, type MonotonicTime, msBetween } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import { SmallMap } from "../../base/small_map.ts";
import { TABS_PER_SESSION } from "../../protocol/limits.ts";
import type { Person } from "../../protocol/message.ts";
import type { ActiveRoom, Present } from "../../protocol/replies.ts";
import type { PresenceState } from "../../protocol/signal.ts";
import type { NodePresence } from "../model/node_event.ts";
import type { HubEvents } from "../model/hub_events.ts";
import { topicsOf } from "../model/message.ts";
import type { Progress } from "../model/others.ts";
import {
  channelsOf,
  type Lease,
  nodePresenceOf,
  type PresenceEntry,
  type RemotePresence,
  stateIn,
  type Subscription,
} from "./presence_entry.ts";
import { largestRooms, type WantedRooms } from "./largest_rooms.ts";

interface Entry extends PresenceEntry {
  readonly leases: SmallMap<string, Lease>;
  readonly remote: SmallMap<string, RemotePresence>;
}

/**
 * Who reads which channel, on this node and on others. Polls renew the lease of their tab, and other nodes report their
 * own tabs; both expire by themselves. Emits every change of state, without knowing who is interested in it.
 */
export class Presence {
  readonly #events: Pick<HubEvents, "presenceChanged" | "localPresenceChanged">;
  readonly #runtime: Runtime;
  readonly #entries = new Map<string, Entry>();
  readonly #byChannel = new Map<string, Map<string, Entry>>();

  constructor(
    events: Pick<HubEvents, "presenceChanged" | "localPresenceChanged">,
    runtime: Runtime,
  ) {
    this.#runtime = runtime;
    this.#events = events;
  }

  /** Number of sessions that poll. */
  get size(): number {
    return this.#entries.size;
  }

  /** Number of channels that are being read. */
  get channels(): number {
    return this.#byChannel.size;
  }

  /** The lease of a tab. */
  leaseOf(publicToken: string, tab: string): Lease | undefined {
    return this.#entries.get(publicToken)?.leases.get(tab);
  }

  /** Renews a lease that has not ended, for `length` ms from `now`. */
  renew(lease: Lease, person: Person, now: MonotonicTime, length: number): void {
    const { entry } = lease;
    this.#setPerson(entry, person);
    entry.lastSeen = now;
    lease.expires = later(now, length);
  }

  /**
   * Begins a lease of a tab, for `length` ms from `now`. It takes the place of the tab's last one, and otherwise starts after
   * the signal number `lastSignal`.
   */
  lease(
    person: Person,
    tab: string,
    subscription: Subscription,
    { now, length, lastSignal }: { now: MonotonicTime; length: number; lastSignal: number },
  ): Lease {
    const entry = this.#entry(person, now);
    this.#setPerson(entry, person);
    entry.lastSeen = now;
    const old = entry.leases.get(tab);
    const expires = later(now, length);
    if (old === undefined && entry.leases.size >= TABS_PER_SESSION) this.#removeOldest(entry);
    const { lastSignal: last = lastSignal, pendingAck, ackedUpTo = 0 } = old ?? {};
    const lease = { entry, subscription, expires, lastSignal: last, pendingAck, ackedUpTo };
    this.#setLease(entry, tab, lease);
    return lease;
  }

  /** Number of people who read a channel. */
  count(channel: string): number {
    return this.#byChannel.get(channel)?.size ?? 0;
  }

  /** Number of channels that only this session reads. */
  soleRoomsOf(publicToken: string): number {
    const { leases, remote } = this.#entries.get(publicToken) ?? {};
    const own = new Set([
      ...[...leases?.values() ?? []].flatMap(({ subscription }) => subscription.channels),
      ...[...remote?.values() ?? []].flatMap(channelsOf),
    ]);
    return [...own].filter((channel) => this.count(channel) === 1).length;
  }

  /** At most `limit` of the people who read a channel. */
  list(channel: string, limit: number): readonly Present[] {
    const present: Present[] = [];
    for (const entry of this.#byChannel.get(channel)?.values() ?? []) {
      if (present.length === limit) break;
      const lastSeen = this.#runtime.wallTimeOf(entry.lastSeen);
      present.push({ ...entry.person, state: stateIn(entry, channel), lastSeen });
    }
    return present;
  }

  /** The rooms with most readers, largest first. */
  rooms(wanted: WantedRooms): readonly ActiveRoom[] {
    return largestRooms(this.#rooms(), wanted);
  }

  /** The state of a session, whatever it reads. */
  stateOf(publicToken: string): PresenceState {
    const entry = this.#entries.get(publicToken);
    return entry === undefined ? "offline" : stateIn(entry);
  }

  /** All entries, in no particular order. Entries can be added and removed during the iteration. */
  entries(): Iterable<PresenceEntry> {
    return this.#entries.values();
  }

  /** The sessions that poll this node. */
  localSessions(): readonly string[] {
    return [...this.#entries].flatMap(([token, { leases }]) => leases.size > 0 ? [token] : []);
  }

  /** The presence of a session through its polls to this node; `undefined` if it is unknown. */
  localPresenceOf(publicToken: string): NodePresence | undefined {
    const entry = this.#entries.get(publicToken);
    return entry && nodePresenceOf(entry.person, [...entry.leases.values()]);
  }

  /** Records the presence of a session on another node for `length` ms. */
  setRemote(node: string, { person, ...presence }: NodePresence, length: number): void {
    const now = this.#runtime.monotonicNow();
    const entry = this.#entry(person, now);
    const { remote } = entry;
    // A node that the session polls has its name from the store. An end has no name.
    if (entry.leases.size === 0 && presence.state !== "offline") this.#setPerson(entry, person);
    entry.lastSeen = now;
    const channels = [...channelsOf(remote.get(node)), ...channelsOf(presence)];
    this.#update(entry, channels, () => {
      if (presence.state === "offline") remote.delete(node);
      else remote.set(node, { ...presence, expires: later(now, length) });
    });
  }

  /** Gives a session the name and the picture that it has now, if it is present. */
  rename(person: Person): void {
    const entry = this.#entries.get(person.publicToken);
    if (entry !== undefined) this.#setPerson(entry, person);
  }

  /** The presence of a session, if it is known. */
  entryOf(publicToken: string): PresenceEntry | undefined {
    return this.#entries.get(publicToken);
  }

  /** Of the people who read a channel here, also by pattern: who has the message `id`, and who does not. */
  progress(channel: string, id: number): Progress {
    const delivered: string[] = [];
    const waiting: string[] = [];
    const topics = topicsOf(channel);
    const readers = channel === "notice"
      ? this.#entries.values()
      : new Set(topics.flatMap((topic) => [...this.#byChannel.get(topic)?.values() ?? []]));
    for (const { person: { publicToken }, leases } of readers) {
      const tabs = [...leases.values()]
        .filter(({ subscription }) => subscription.topics.some((topic) => topics.includes(topic)));
      if (tabs.some(({ ackedUpTo }) => ackedUpTo >= id)) delivered.push(publicToken);
      else if (tabs.length > 0) waiting.push(publicToken);
    }
    return { delivered, waiting };
  }

  /** Removes a session, with all its tabs. */
  remove(publicToken: string): void {
    const entry = this.#entries.get(publicToken);
    if (entry !== undefined) this.#expire(entry, () => true);
  }

  /** Removes a tab of a session. */
  removeTab(publicToken: string, tab: string): void {
    const entry = this.#entries.get(publicToken);
    if (entry?.leases.get(tab) !== undefined) this.#setLease(entry, tab, undefined);
  }

  /** Removes expired leases. */
  sweep(): void {
    const now = this.#runtime.monotonicNow();
    for (const entry of this.#entries.values()) {
      this.#expire(entry, ({ expires }) => expires <= now);
    }
  }

  #expire(entry: Entry, isExpired: (lease: { readonly expires: MonotonicTime }) => boolean): void {
    for (const tab of entry.leases.keys()) {
      const lease = entry.leases.get(tab);
      if (lease !== undefined && isExpired(lease)) this.#setLease(entry, tab, undefined);
    }
    for (const node of entry.remote.keys()) {
      const presence = entry.remote.get(node);
      if (presence === undefined || !isExpired(presence)) continue;
      this.#update(entry, channelsOf(presence), () => entry.remote.delete(node));
    }
  }

  #removeOldest(entry: Entry): void {
    const expiryOf = (tab: string) => entry.leases.get(tab)?.expires ?? LONG_AGO;
    const [oldest] = entry.leases.keys()
      .toSorted((one, other) => msBetween(expiryOf(other), expiryOf(one)));
    if (oldest !== undefined) this.#setLease(entry, oldest, undefined);
  }

  #entry(person: Person, now: MonotonicTime): Entry {
    let entry = this.#entries.get(person.publicToken);
    if (entry === undefined) {
      entry = { person, since: now, leases: new SmallMap(), remote: new SmallMap(), lastSeen: now };
      this.#entries.set(person.publicToken, entry);
    }
    return entry;
  }

  /** Emits all channels of an entry if its person has another name or picture. */
  #setPerson(entry: PresenceEntry, person: Person): void {
    if (entry.person === person) return;
    const { displayName, picture } = entry.person;
    entry.person = person;
    if (person.displayName === displayName && person.picture === picture) return;
    const own = [...entry.leases.values()].flatMap(({ subscription }) => subscription.channels);
    const channels = new Set([...own, ...[...entry.remote.values()].flatMap(channelsOf)]);
    for (const channel of channels) {
      this.#events.presenceChanged.emit({ channel, person, state: stateIn(entry, channel) });
    }
    if (entry.leases.size > 0) this.#events.localPresenceChanged.emit(person.publicToken);
  }

  /** Replaces the lease of a tab, or removes it. */
  #setLease(entry: Entry, tab: string, lease: Lease | undefined): void {
    const { person, leases } = entry;
    const channels = [
      ...leases.get(tab)?.subscription.channels ?? [],
      ...lease?.subscription.channels ?? [],
    ];
    this.#update(entry, channels, () => {
      if (lease === undefined) leases.delete(tab);
      else leases.set(tab, lease);
    });
    this.#events.localPresenceChanged.emit(person.publicToken);
  }

  /** Changes an entry, and emits the channels in which that changes its state. */
  #update(entry: Entry, channels: readonly string[], change: () => void): void {
    const { person, leases, remote } = entry;
    const affected = [...new Set(channels)];
    const before = affected.map((channel) => stateIn(entry, channel));
    change();
    if (leases.size === 0 && remote.size === 0) this.#entries.delete(person.publicToken);
    for (const [n, channel] of affected.entries()) {
      const state = stateIn(entry, channel);
      if (state === before[n]) continue;
      this.#setMember(channel, entry, state);
      this.#events.presenceChanged.emit({ channel, person, state });
    }
  }

  #setMember(channel: string, entry: Entry, state: PresenceState): void {
    let members = this.#byChannel.get(channel);
    if (members === undefined) this.#byChannel.set(channel, members = new Map());
    if (state === "offline") members.delete(entry.person.publicToken);
    else members.set(entry.person.publicToken, entry);
    if (members.size === 0) this.#byChannel.delete(channel);
  }

  *#rooms(): Iterable<ActiveRoom> {
    for (const [channel, { size: present }] of this.#byChannel) yield { channel, present };
  }
}
