import type { Topic } from "../../core/model/message.ts";
import type { Store } from "../../core/model/store.ts";
import type { SqliteStore } from "../sqlite/sqlite_store.ts";

type Sessions = Store["sessions"];
type Receipts = Store["receipts"];
type KeyValue = Store["keyValue"];
type Queue = Store["queue"];

/**
 * What the thread of a store does for other isolates: their calls by name. Arguments and results are copied from one isolate
 * to the other, messages as their JSON.
 */
const CALLS = {
  "log.scan": ({ log }: SqliteStore, after: number, limit: number) =>
    Promise.resolve(log.scanStored(after, limit)),
  "log.read": (
    { log }: SqliteStore,
    ...args: readonly [topics: readonly Topic[], after: number, limit: number]
  ) => Promise.resolve(log.readStored(...args)),
  "log.history": (
    { log }: SqliteStore,
    ...args: readonly [topic: Topic, before: number | undefined, limit: number]
  ) => Promise.resolve(log.historyStored(...args)),
  "log.get": ({ log }: SqliteStore, id: number) => Promise.resolve(log.getStored(id)),
  "log.find": (
    { log: { search } }: SqliteStore,
    ...args: Parameters<typeof search["findStored"]>
  ) => Promise.resolve(search.findStored(...args)),
  "log.searchState": ({ log: { search } }: SqliteStore) => search.state(),
  "log.newestId": ({ log }: SqliteStore) => log.newestId(),
  "log.trim": ({ log }: SqliteStore, now: number, ids?: readonly number[]) => log.trim(now, ids),

  "sessions.upsert": ({ sessions }: SqliteStore, ...args: Parameters<Sessions["upsert"]>) =>
    sessions.upsert(...args),
  "sessions.addToken": ({ sessions }: SqliteStore, ...args: Parameters<Sessions["addToken"]>) =>
    sessions.addToken(...args),
  "sessions.count": ({ sessions }: SqliteStore) => sessions.count(),
  "sessions.findByPrivateToken": ({ sessions }: SqliteStore, token: string) =>
    sessions.findByPrivateToken(token),
  "sessions.findByPublicToken": ({ sessions }: SqliteStore, token: string) =>
    sessions.findByPublicToken(token),
  "sessions.update": ({ sessions }: SqliteStore, ...args: Parameters<Sessions["update"]>) =>
    sessions.update(...args),
  "sessions.revokeTokens": ({ sessions }: SqliteStore, token: string, revokedAt: number) =>
    sessions.revokeTokens(token, revokedAt),
  "sessions.remove": ({ sessions }: SqliteStore, token: string) => sessions.remove(token),
  "sessions.removeInactive": ({ sessions }: SqliteStore, lastSeenBefore: number) =>
    sessions.removeInactive(lastSeenBefore),
  "sessions.removeUnused": ({ sessions }: SqliteStore, createdBefore: number) =>
    sessions.removeUnused(createdBefore),
  "sessions.readMarkers": ({ sessions }: SqliteStore, token: string) => sessions.readMarkers(token),
  "sessions.setReadMarker": (
    { sessions }: SqliteStore,
    ...args: Parameters<Sessions["setReadMarker"]>
  ) => sessions.setReadMarker(...args),
  "sessions.removeReadMarker": ({ sessions }: SqliteStore, token: string, channel: string) =>
    sessions.removeReadMarker(token, channel),

  "receipts.add": ({ receipts }: SqliteStore, ...args: Parameters<Receipts["add"]>) =>
    receipts.add(...args),
  "receipts.find": ({ receipts }: SqliteStore, ...args: Parameters<Receipts["find"]>) =>
    receipts.find(...args),
  "receipts.list": ({ receipts }: SqliteStore, token: string) => receipts.list(token),
  "receipts.remove": ({ receipts }: SqliteStore, ...args: Parameters<Receipts["remove"]>) =>
    receipts.remove(...args),
  "receipts.removeBefore": ({ receipts }: SqliteStore, time: number) => receipts.removeBefore(time),

  "keyValue.get": ({ keyValue }: SqliteStore, name: string) => keyValue.get(name),
  "keyValue.set": ({ keyValue }: SqliteStore, name: string, value: string) =>
    keyValue.set(name, value),
  "keyValue.replace": ({ keyValue }: SqliteStore, ...args: Parameters<KeyValue["replace"]>) =>
    keyValue.replace(...args),
  "keyValue.remove": ({ keyValue }: SqliteStore, name: string) => keyValue.remove(name),
  "keyValue.acquireLease": (
    { keyValue }: SqliteStore,
    ...args: Parameters<KeyValue["acquireLease"]>
  ) => keyValue.acquireLease(...args),
  "keyValue.releaseLease": ({ keyValue }: SqliteStore, name: string, holder: string) =>
    keyValue.releaseLease(name, holder),

  "queue.add": ({ queue }: SqliteStore, ...args: Parameters<Queue["add"]>) => queue.add(...args),
  "queue.listDue": ({ queue }: SqliteStore, time: number, limit: number) =>
    queue.listDue(time, limit),
  "queue.postpone": ({ queue }: SqliteStore, ...args: Parameters<Queue["postpone"]>) =>
    queue.postpone(...args),
  "queue.remove": ({ queue }: SqliteStore, ids: readonly number[]) => queue.remove(ids),
  "queue.size": ({ queue }: SqliteStore) => queue.size(),
};

export type CallName = keyof typeof CALLS;

/** The arguments of each call. */
export type CallArgs = {
  readonly [Name in CallName]: (typeof CALLS)[Name] extends
    (store: SqliteStore, ...args: infer Args) => unknown ? Args : never;
};

/** The result of each call. */
export type CallResults = {
  readonly [Name in CallName]: Awaited<ReturnType<(typeof CALLS)[Name]>>;
};

/** A call and its arguments. */
export type Call<Name extends CallName = CallName> = {
  readonly [N in Name]: { readonly name: N; readonly args: CallArgs[N] };
}[Name];

/** Calls that can take long, because they read many messages or count rows. */
const LONG: ReadonlySet<CallName> = new Set([
  "log.scan",
  "log.read",
  "log.history",
  "log.find",
  "receipts.list",
  "sessions.count",
]);

export function isLong({ name }: Call): boolean {
  return LONG.has(name);
}

const HANDLERS: {
  readonly [Name in CallName]: (
    store: SqliteStore,
    ...args: CallArgs[Name]
  ) => Promise<CallResults[Name]>;
} = CALLS;

/** Does what another isolate asks for. */
export function execute<Name extends CallName>(
  store: SqliteStore,
  { name, args }: Call<Name>,
): Promise<CallResults[Name]> {
  return HANDLERS[name](store, ...args);
}
