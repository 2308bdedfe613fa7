import { wallTimeOf } from "../../base/clock.ts";
import type { LiveSession, LiveSessionsReply } from "../../protocol/admin_replies.ts";
import { channelsOf, type PresenceEntry, stateIn } from "./presence_entry.ts";
import type { Person } from "../../protocol/message.ts";
import type { Presence } from "./presence.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** A query for sessions. */
export interface LiveQuery {
  /** Part of the name, case-insensitive, or the beginning of the public token. */
  readonly search: string;
  /** Only sessions after this public token. */
  readonly after: string;
  readonly limit: number;
}

/** What {@linkcode listLive} reads. */
export interface LiveSessionsDeps {
  readonly presence: Presence;
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
}

/** Number of sessions to visit in one turn of the event loop. */
const SLICE = 2_000;

/** The first `limit` present sessions that match, by public token. Visits all sessions. */
export async function listLive(
  deps: LiveSessionsDeps,
  query: LiveQuery,
): Promise<LiveSessionsReply> {
  const found = await first(deps.presence, query);
  const sessions = await Promise.all(
    found.slice(0, query.limit).map((entry) => describe(deps, entry)),
  );
  return { sessions, more: found.length > query.limit };
}

/** The first matching entries in order, one more than the limit if there are as many. */
async function first(presence: Presence, query: LiveQuery): Promise<readonly PresenceEntry[]> {
  const found: PresenceEntry[] = [];
  let visited = 0;
  for (const entry of presence.entries()) {
    if (++visited % SLICE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    const { publicToken } = entry.person;
    const isBeyond = found.length > query.limit && publicToken > tokenOf(found.at(-1));
    if (publicToken <= query.after || isBeyond || !matches(entry.person, query.search)) continue;
    const index = found.findLastIndex((other) => tokenOf(other) < publicToken) + 1;
    found.splice(index, 0, entry);
    if (found.length > query.limit + 1) found.pop();
  }
  return found;
}

function matches({ publicToken, displayName }: Person, search: string): boolean {
  return search === "" || publicToken.startsWith(search) ||
    displayName.toLowerCase().includes(search.toLowerCase());
}

async function describe(deps: LiveSessionsDeps, entry: PresenceEntry): Promise<LiveSession> {
  const { person, since, lastSeen, leases, remote } = entry;
  const { userId } = await deps.sessions.find(person.publicToken) ?? {};
  const tabs = [...leases].map(([tab, { subscription: { state, channels: rooms } }]) => {
    const parked = deps.waiting.isParked(person.publicToken, tab);
    return { tab, state, parked, rooms };
  });
  const rooms = new Set([
    ...tabs.flatMap((tab) => tab.rooms),
    ...[...remote.values()].flatMap(channelsOf),
  ]);
  return {
    ...person,
    ...(userId !== undefined && { userId }),
    state: stateIn(entry),
    since: wallTimeOf(since),
    lastSeen: wallTimeOf(lastSeen),
    rooms: [...rooms],
    tabs,
    elsewhere: remote.size,
  };
}

function tokenOf(entry: PresenceEntry | undefined): string {
  return entry?.person.publicToken ?? "";
}
