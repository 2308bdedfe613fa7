import type { Runtime } from "../../base/runtime.ts";
import type { LiveSession, LiveSessionsReply, LiveTab } from "../../protocol/admin_replies.ts";
import { channelsOf, type PresenceEntry, stateIn } from "./presence_entry.ts";
import type { Person } from "../../protocol/message.ts";
import type { LocalSession, OtherWorkers } from "../model/others.ts";
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
  readonly others: OtherWorkers;
  readonly runtime: Runtime;
}

/** Number of sessions to visit in one turn of the event loop. */
const SLICE = 2_000;

/** The first `limit` present sessions that match, by public token. Visits all sessions. */
export async function listLive(
  deps: LiveSessionsDeps,
  query: LiveQuery,
): Promise<LiveSessionsReply> {
  const found = await first(deps, query);
  const listed = found.slice(0, query.limit);
  const elsewhere = await deps.others.ask("sessions", listed.map(tokenOf));
  const sessions = await Promise.all(listed.map((entry) => {
    const parts = elsewhere.map((part) => part.get(tokenOf(entry)));
    return describe(deps, entry, parts.filter((part) => part !== undefined));
  }));
  return { sessions, more: found.length > query.limit };
}

/** The first matching entries in order, one more than the limit if there are as many. */
async function first(
  { presence, runtime }: LiveSessionsDeps,
  query: LiveQuery,
): Promise<readonly PresenceEntry[]> {
  const found: PresenceEntry[] = [];
  let visited = 0;
  for (const entry of presence.entries()) {
    if (++visited % SLICE === 0) await runtime.delay(0);
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

/** The sessions that poll this worker, of those with these public tokens. */
export function localSessions(
  deps: Pick<LiveSessionsDeps, "presence" | "waiting" | "runtime">,
  publicTokens: readonly string[],
): ReadonlyMap<string, LocalSession> {
  const found = new Map<string, LocalSession>();
  for (const publicToken of publicTokens) {
    const entry = deps.presence.entryOf(publicToken);
    const local = entry && localSession(deps, entry);
    if (local !== undefined) found.set(publicToken, local);
  }
  return found;
}

/** The tabs of a session that poll this worker; `undefined` if there are none. */
function localSession(
  { waiting, runtime }: Pick<LiveSessionsDeps, "waiting" | "runtime">,
  { person, since, lastSeen, leases }: PresenceEntry,
): LocalSession | undefined {
  if (leases.size === 0) return undefined;
  const tabs = leases.keys().flatMap((tab) => {
    const { subscription } = leases.get(tab) ?? {};
    if (subscription === undefined) return [];
    const { state, channels: rooms, notices } = subscription;
    const parked = waiting.isParked(person.publicToken, tab);
    return { tab, state, parked, rooms, ...(!notices && { notices }) };
  });
  return { since: runtime.wallTimeOf(since), lastSeen: runtime.wallTimeOf(lastSeen), tabs };
}

/** `parts`: what the other workers of this process know of the session. */
async function describe(
  { sessions, waiting, runtime }: LiveSessionsDeps,
  entry: PresenceEntry,
  parts: readonly LocalSession[],
): Promise<LiveSession> {
  const { person, since, lastSeen, remote } = entry;
  const { userId } = await sessions.find(person.publicToken) ?? {};
  const local = localSession({ waiting, runtime }, entry);
  const all = local === undefined ? parts : [local, ...parts];
  const rooms = new Set([
    ...all.flatMap(({ tabs }) => tabs).flatMap((tab) => tab.rooms),
    ...[...remote.values()].flatMap(channelsOf),
  ]);
  return {
    ...person,
    ...(userId !== undefined && { userId }),
    state: stateIn(entry),
    since: Math.min(runtime.wallTimeOf(since), ...all.map((part) => part.since)),
    lastSeen: all.length === 0
      ? runtime.wallTimeOf(lastSeen)
      : Math.max(...all.map((part) => part.lastSeen)),
    rooms: [...rooms],
    tabs: merged(all.flatMap(({ tabs }) => tabs)),
    elsewhere: Math.max(0, remote.size - parts.length),
  };
}

/** Each tab once: it may have polled one worker after the other. */
function merged(tabs: readonly LiveTab[]): readonly LiveTab[] {
  const byName = new Map<string, LiveTab>();
  for (const tab of tabs) {
    if (tab.parked || !byName.has(tab.tab)) byName.set(tab.tab, tab);
  }
  return [...byName.values()];
}

function tokenOf(entry: PresenceEntry | undefined): string {
  return entry?.person.publicToken ?? "";
}
