import type { Person } from "../../protocol/message.ts";
import type { NodePresence } from "../cluster/node_event.ts";
import type { Lease, Subscription } from "./presence.ts";
import type { PresenceState } from "../../protocol/signal.ts";

/** Where somebody is present by the polls of another node. */
export interface Elsewhere extends Omit<NodePresence, "person"> {
  /** Unix time in ms. */
  readonly expires: number;
}

/** Somebody who polls, here or on other nodes. */
export interface PresenceEntry {
  readonly person: Person;
  /** Since when, without a break: Unix time in ms. */
  readonly since: number;
  /** Of the tabs that poll here. */
  readonly leases: ReadonlyMap<string, Lease>;
  /** By node. */
  readonly elsewhere: ReadonlyMap<string, Elsewhere>;
  readonly lastSeen: number;
}

/** The state in one channel, or whatever is read. */
export function stateIn({ leases, elsewhere }: PresenceEntry, channel?: string): PresenceState {
  let found: PresenceState = "offline";
  for (const { subscription: { channels, state } } of leases.values()) {
    if (channel !== undefined && !channels.includes(channel)) continue;
    if (state === "active") return "active";
    found = "background";
  }
  for (const { state, active, background } of elsewhere.values()) {
    if (channel === undefined ? state === "active" : active.includes(channel)) return "active";
    if (channel === undefined || background.includes(channel)) found = "background";
  }
  return found;
}

/** What the leases of one node come to. */
export function presenceOf(person: Person, leases: readonly Lease[]): NodePresence {
  const of = (state: Subscription["state"]) =>
    leases.filter((lease) => lease.subscription.state === state);
  const channels = (some: readonly Lease[]) =>
    some.flatMap(({ subscription }) => subscription.channels);
  const active = new Set(channels(of("active")));
  const background = new Set(channels(of("background"))).difference(active);
  const present = of("active").length > 0 ? "active" : "background";
  const state = leases.length === 0 ? "offline" : present;
  return { person, state, active: [...active], background: [...background] };
}

/** Every channel in which somebody is present on one node. */
export function channelsOf(
  presence?: Pick<NodePresence, "active" | "background">,
): readonly string[] {
  return presence === undefined ? [] : [...presence.active, ...presence.background];
}
