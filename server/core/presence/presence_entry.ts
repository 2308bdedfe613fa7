import type { MonotonicTime } from "../../base/clock.ts";
import type { SmallMap } from "../../base/small_map.ts";
import type { Person } from "../../protocol/message.ts";
import type { RefusedChannel } from "../../protocol/replies.ts";
import type { PresenceState } from "../../protocol/signal.ts";
import type { NodePresence } from "../model/node_event.ts";
import type { Rights } from "../model/rights.ts";
import type { Topic } from "../model/message.ts";

/** What a tab reads. The same object for as long as its polls ask for the same. */
export interface Subscription {
  /** The channels as the polls name them, and the rights that the session had. */
  readonly requested: readonly string[];
  readonly rights: Rights;
  /** The rooms among them, each once and in its canonical spelling. */
  readonly channels: readonly string[];
  /** The same rooms if there are many, to find one quickly. */
  readonly channelSet: ReadonlySet<string> | undefined;
  /** Whether it gets notices. */
  readonly notices: boolean;
  /** The topics that its messages are filed under; the inbox has notices, too. */
  readonly topics: readonly Topic[];
  /** The channels that are left out. */
  readonly refused: readonly RefusedChannel[];
  readonly state: "active" | "background";
}

/** Messages for one session that a tab was sent, and that a cursor at or after `upTo` acknowledges. */
export interface PendingAck {
  readonly after: number;
  readonly upTo: number;
  /** Time of the last of them: Unix time in ms. */
  readonly at: number;
  /** Whether notices are among them; without them, the tab was sent only what is in `channels`. */
  readonly notices: boolean;
  /** The last message from someone else, by channel: of direct channels, and of the room of a visitor. */
  readonly channels: ReadonlyMap<string, number>;
}

/** The presence of one tab. Each poll renews it; otherwise it expires. */
export interface Lease {
  /** The session that it belongs to. */
  readonly entry: PresenceEntry;
  readonly subscription: Subscription;
  expires: MonotonicTime;
  /** The number of the last signal that the tab was sent. */
  lastSignal: number;
  pendingAck: PendingAck | undefined;
  /** The id up to which the tab has everything, according to its last cursor. */
  ackedUpTo: number;
}

/** The presence of a session through the polls of another node. */
export interface RemotePresence extends Omit<NodePresence, "person"> {
  readonly expires: MonotonicTime;
}

/** A session that polls, on this node or on others. */
export interface PresenceEntry {
  person: Person;
  /** When it began to poll without a break. */
  readonly since: MonotonicTime;
  /** Time of its last poll. */
  lastSeen: MonotonicTime;
  /** The tabs that poll this node. */
  readonly leases: Pick<SmallMap<string, Lease>, "get" | "keys" | "values" | "size">;
  /** By node. */
  readonly remote: Pick<SmallMap<string, RemotePresence>, "get" | "keys" | "values" | "size">;
}

/** The state of a session in one channel, or in general. */
export function stateIn({ leases, remote }: PresenceEntry, channel?: string): PresenceState {
  let result: PresenceState = "offline";
  for (const { subscription: { channels, channelSet, state } } of leases.values()) {
    const reads = channel === undefined || (channelSet?.has(channel) ?? channels.includes(channel));
    if (!reads) continue;
    if (state === "active") return "active";
    result = "background";
  }
  for (const { state, active, background } of remote.values()) {
    if (channel === undefined ? state === "active" : active.includes(channel)) return "active";
    if (channel === undefined || background.includes(channel)) result = "background";
  }
  return result;
}

/** Summarizes the leases of a session on this node for the other nodes. */
export function nodePresenceOf(person: Person, leases: readonly Lease[]): NodePresence {
  const inState = (state: Subscription["state"]) =>
    leases.filter((lease) => lease.subscription.state === state);
  const channels = (some: readonly Lease[]) =>
    some.flatMap(({ subscription }) => subscription.channels);
  const active = new Set(channels(inState("active")));
  const background = new Set(channels(inState("background"))).difference(active);
  const present = inState("active").length > 0 ? "active" : "background";
  const state = leases.length === 0 ? "offline" : present;
  return { person, state, active: [...active], background: [...background] };
}

/** All channels in which a session is present on one node. */
export function channelsOf(
  presence?: Pick<NodePresence, "active" | "background">,
): readonly string[] {
  return presence === undefined ? [] : [...presence.active, ...presence.background];
}
