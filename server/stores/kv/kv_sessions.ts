import {
  type ReadMarker,
  type SessionStore,
  type SessionUpdate,
  type StoredSession,
  TOKENS_PER_SESSION,
} from "../../core/model/store.ts";
import { digestOfToken } from "../digests.ts";
import { type KvDatabase, MAX_READ_KEYS } from "./kv_database.ts";
import {
  lastSeenKey,
  readMarkerKey,
  readMarkersPrefix,
  SESSION_COUNT,
  sessionKey,
  SESSIONS_BY_LAST_SEEN,
  tokenKey,
  UNUSED_SESSIONS,
  unusedKey,
} from "./kv_keys.ts";

/** Maximum number of sessions that are removed at once. */
const REMOVE_BATCH = 50;

/** Number of batches of updates that are written concurrently. */
const CONCURRENT_UPDATES = 8;

/** Maximum number of read markers that are removed in one commit. */
const READ_MARKER_BATCH = 500;

/** More read markers than a session can have. */
const MAX_READ_MARKERS = 10_000;

/** Added to a 64-bit counter, it subtracts one: Deno KV's sums wrap around at 2^64. */
const MINUS_ONE = 2n ** 64n - 1n;

/** The stored format of a session. */
interface SessionRecord extends Omit<StoredSession, "startsAfter"> {
  readonly startsAfter?: number;
  /** Stored by earlier versions instead of `startsAfter`: the id that their legacy page has acknowledged. */
  readonly acknowledged?: number;
  /** Digests of the private tokens, oldest first. */
  readonly digests: readonly string[];
  /** The time of the session's entry in {@linkcode SESSIONS_BY_LAST_SEEN}: `lastSeen`, or earlier. */
  readonly filedSeen: number;
}

/**
 * The sessions and read markers in a Deno KV database. An update does not move a session in the index by `lastSeen`, to
 * save two mutations; `removeInactive` does that when it finds an outdated entry.
 */
export class KvSessions implements SessionStore {
  readonly salt: string;
  readonly #database: KvDatabase;

  constructor(database: KvDatabase, salt: string) {
    this.#database = database;
    this.salt = salt;
  }

  async upsert(session: StoredSession, privateToken: string | undefined): Promise<void> {
    const { publicToken, displayName, lastSeen } = session;
    const added = privateToken === undefined ? [] : [digestOfToken(privateToken)];
    await this.#database.retry(async () => {
      const entry = await this.#database.get<SessionRecord>(sessionKey(publicToken));
      const before = entry.value ?? { ...session, digests: [], filedSeen: lastSeen };
      const digests = [...before.digests, ...added];
      const dropped = digests.splice(0, Math.max(0, digests.length - TOKENS_PER_SESSION));
      const record: SessionRecord = { ...before, displayName, lastSeen, digests };
      return await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, record);
        for (const digest of added) operation.set(tokenKey(digest), publicToken);
        operation.set(lastSeenKey(record.filedSeen, publicToken), true);
        if (entry.value === null) operation.sum(SESSION_COUNT, 1n);
        if (isUnused(record)) operation.set(unusedKey(record.createdAt, publicToken), true);
        for (const digest of dropped) operation.delete(tokenKey(digest));
      });
    });
  }

  async addToken(publicToken: string, privateToken: string): Promise<boolean> {
    const digest = digestOfToken(privateToken);
    return await this.#database.retry(async () => {
      const entry = await this.#database.get<SessionRecord>(sessionKey(publicToken));
      const record = entry.value;
      if (record === null) return false;
      const digests = [...record.digests, digest];
      const dropped = digests.splice(0, Math.max(0, digests.length - TOKENS_PER_SESSION));
      const committed = await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, { ...record, digests });
        operation.set(tokenKey(digest), publicToken);
        for (const digest of dropped) operation.delete(tokenKey(digest));
      });
      return committed === undefined ? undefined : true;
    });
  }

  async count(): Promise<number> {
    const { value } = await this.#database.get<Deno.KvU64>(SESSION_COUNT);
    return Number(value?.value ?? 0n);
  }

  async findByPrivateToken(privateToken: string): Promise<StoredSession | undefined> {
    const { value } = await this.#database.get<string>(tokenKey(digestOfToken(privateToken)));
    return value === null ? undefined : await this.findByPublicToken(value);
  }

  async findByPublicToken(publicToken: string): Promise<StoredSession | undefined> {
    const { value } = await this.#database.get<SessionRecord>(sessionKey(publicToken));
    if (value === null) return undefined;
    const {
      digests: _digests,
      filedSeen: _filedSeen,
      acknowledged = 0,
      startsAfter = acknowledged,
      ...session
    } = value;
    return { ...session, startsAfter };
  }

  async update(updates: readonly SessionUpdate[]): Promise<void> {
    const batches = Array.from(
      { length: Math.ceil(updates.length / MAX_READ_KEYS) },
      (_, n) => updates.slice(n * MAX_READ_KEYS, (n + 1) * MAX_READ_KEYS),
    );
    const writers = Array.from({ length: CONCURRENT_UPDATES }, async () => {
      for (let next = batches.pop(); next !== undefined; next = batches.pop()) {
        const batch = next;
        await this.#database.retry(() => this.#update(batch));
      }
    });
    await Promise.all(writers);
  }

  async revokeTokens(publicToken: string, revokedAt: number): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<SessionRecord>(sessionKey(publicToken));
      const record = entry.value;
      if (record === null) return "";
      return await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, { ...record, digests: [], revokedAt });
        for (const digest of record.digests) operation.delete(tokenKey(digest));
      });
    });
  }

  async remove(publicToken: string): Promise<void> {
    await this.#removeIf(publicToken, () => true);
  }

  async removeInactive(lastSeenBefore: number): Promise<readonly string[]> {
    const end = [...SESSIONS_BY_LAST_SEEN, lastSeenBefore];
    const selector = { prefix: SESSIONS_BY_LAST_SEEN, end };
    const removed: string[] = [];
    while (removed.length === 0) {
      const entries = await this.#database.list<true>(selector, { limit: REMOVE_BATCH });
      for (const { key } of entries) {
        const [publicToken, indexedTime] = [String(key.at(-1)), Number(key.at(-2))];
        const isInactive = ({ lastSeen }: SessionRecord) => lastSeen < lastSeenBefore;
        if (await this.#removeIf(publicToken, isInactive)) removed.push(publicToken);
        else await this.#updateIndex(publicToken, indexedTime);
      }
      if (entries.length < REMOVE_BATCH) break;
    }
    return removed;
  }

  async removeUnused(createdBefore: number): Promise<readonly string[]> {
    const selector = { prefix: UNUSED_SESSIONS, end: [...UNUSED_SESSIONS, createdBefore] };
    const removed: string[] = [];
    for (const { key } of await this.#database.list<true>(selector, { limit: REMOVE_BATCH })) {
      const publicToken = String(key.at(-1));
      if (await this.#removeIf(publicToken, isUnused)) removed.push(publicToken);
    }
    return removed;
  }

  async readMarkers(publicToken: string): Promise<readonly ReadMarker[]> {
    const selector = { prefix: readMarkersPrefix(publicToken) };
    const entries = await this.#database.list<ReadMarker>(selector, { limit: MAX_READ_MARKERS });
    return entries.map(({ value }) => value);
  }

  async setReadMarker(
    publicToken: string,
    { channel, readUpTo, deliveredUpTo, isUnanswered, ...changed }: ReadMarker,
  ): Promise<void> {
    await this.#database.retry(async () => {
      const [session, entry] = await Promise.all([
        this.#database.get<SessionRecord>(sessionKey(publicToken)),
        this.#database.get<ReadMarker>(readMarkerKey(publicToken, channel)),
      ]);
      if (session.value === null) return "";
      const { notify, isPinned, unreadFrom } = { ...entry.value, ...changed };
      const marker: ReadMarker = {
        channel,
        readUpTo: Math.max(readUpTo, entry.value?.readUpTo ?? 0),
        deliveredUpTo: Math.max(deliveredUpTo, entry.value?.deliveredUpTo ?? 0),
        ...(isUnanswered !== false && (entry.value ?? { isUnanswered }).isUnanswered &&
          { isUnanswered: true }),
        ...(notify && { notify }),
        ...(isPinned && { isPinned }),
        ...(unreadFrom && { unreadFrom }),
      };
      // Checks the session too: if it is removed at the same time, no read marker must remain.
      return await this.#database.commit((operation) =>
        operation.check(session, entry).set(entry.key, marker)
      );
    });
  }

  async removeReadMarker(publicToken: string, channel: string): Promise<void> {
    await this.#database.commit((operation) =>
      operation.delete(readMarkerKey(publicToken, channel))
    );
  }

  async #update(updates: readonly SessionUpdate[]): Promise<string | undefined> {
    const keys = updates.map(({ publicToken }) => sessionKey(publicToken));
    const entries = await this.#database.getMany<SessionRecord>(keys);
    return await this.#database.commit((operation) => {
      for (const [n, { lastSeen, displayName }] of updates.entries()) {
        const entry = entries[n];
        const record = entry?.value ?? null;
        if (entry === undefined || record === null) continue;
        // Another node may have stored a later time.
        const newest = Math.max(record.lastSeen, lastSeen);
        const name = displayName ?? record.displayName;
        const updated = { ...record, lastSeen: newest, displayName: name };
        operation.check(entry).set(entry.key, updated);
        if (isUnused(record)) operation.delete(unusedKey(record.createdAt, record.publicToken));
      }
    });
  }

  /** Moves a session's index entry from `indexedTime` to its `lastSeen`. */
  async #updateIndex(publicToken: string, indexedTime: number): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<SessionRecord>(sessionKey(publicToken));
      return await this.#database.commit((operation) => {
        operation.check(entry).delete(lastSeenKey(indexedTime, publicToken));
        if (entry.value === null) return;
        const { lastSeen } = entry.value;
        operation.set(entry.key, { ...entry.value, filedSeen: lastSeen });
        operation.set(lastSeenKey(lastSeen, publicToken), true);
      });
    });
  }

  /** Removes a session, in several commits if it has many read markers. Returns whether it did. */
  async #removeIf(
    publicToken: string,
    condition: (record: SessionRecord) => boolean,
  ): Promise<boolean> {
    return await this.#database.retry(async () => {
      const entry = await this.#database.get<SessionRecord>(sessionKey(publicToken));
      const record = entry.value;
      if (record === null || !condition(record)) return false;
      const markers = await this.#database.list<ReadMarker>(
        { prefix: readMarkersPrefix(publicToken) },
        { limit: READ_MARKER_BATCH },
      );
      const isLastBatch = markers.length < READ_MARKER_BATCH;
      const committed = await this.#database.commit((operation) => {
        operation.check(entry);
        for (const { key } of markers) operation.delete(key);
        if (!isLastBatch) return;
        operation.delete(entry.key).delete(lastSeenKey(record.filedSeen, publicToken));
        operation.sum(SESSION_COUNT, MINUS_ONE);
        if (isUnused(record)) operation.delete(unusedKey(record.createdAt, publicToken));
        for (const digest of record.digests) operation.delete(tokenKey(digest));
      });
      return committed !== undefined && isLastBatch ? true : undefined;
    });
  }
}

/** Whether a session is in {@linkcode UNUSED_SESSIONS}. */
function isUnused({ userId, lastSeen, createdAt }: SessionRecord): boolean {
  return userId === undefined && lastSeen === createdAt;
}
