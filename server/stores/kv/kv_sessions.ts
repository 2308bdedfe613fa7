import type {
  ReadMarker,
  SessionStore,
  SessionUpdate,
  StoredSession,
} from "../../core/model/store.ts";
import { type KvDatabase, READ_AT_ONCE } from "./kv_database.ts";
import {
  lastSeenKey,
  readMarkerKey,
  readMarkersPrefix,
  SESSION_COUNT,
  sessionKey,
  SESSIONS_BY_LAST_SEEN,
  tokenKey,
} from "./kv_keys.ts";
import { digestOfToken } from "../token_digest.ts";

/** So many sessions are removed in one step. */
const STEP = 50;

/** So many batches of touches are written at once. */
const WRITERS = 8;

/** So many private tokens of one session count, the newest. */
const TOKENS = 50;

/** So many marks are removed at once. */
const MARKS_AT_ONCE = 500;

/** A session has so many marks at most, by far. */
const MARKS = 10_000;

/** Sums go round at 2^64. */
const MINUS_ONE = 2n ** 64n - 1n;

/** A session as it lies in the database. */
interface Kept extends Omit<StoredSession, "startsAfter"> {
  readonly startsAfter?: number;
  /** In sessions of earlier versions instead of `startsAfter`: the id that their legacy page has acknowledged. */
  readonly acknowledged?: number;
  /** Digests of its private tokens, the oldest first. */
  readonly digests: readonly string[];
  /** The time under which {@linkcode lastSeenKey} has it: when it was last seen, or before. */
  readonly filedSeen: number;
}

/** The sessions in a Deno KV database. */
export class KvSessions implements SessionStore {
  readonly salt: string;
  readonly #database: KvDatabase;

  constructor(database: KvDatabase, salt: string) {
    this.#database = database;
    this.salt = salt;
  }

  async upsert(session: StoredSession, privateToken: string | undefined): Promise<void> {
    const { publicToken } = session;
    const added = privateToken === undefined ? [] : [digestOfToken(privateToken)];
    await this.#database.retry(async () => {
      const entry = await this.#database.get<Kept>(sessionKey(publicToken));
      const { displayName, lastSeen } = session;
      const before = entry.value ?? { ...session, digests: [], filedSeen: lastSeen };
      const digests = [...before.digests, ...added];
      const dropped = digests.splice(0, Math.max(0, digests.length - TOKENS));
      const kept: Kept = { ...before, displayName, lastSeen, digests };
      return await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, kept);
        for (const digest of added) operation.set(tokenKey(digest), publicToken);
        operation.set(lastSeenKey(kept.filedSeen, publicToken), true);
        if (entry.value === null) operation.sum(SESSION_COUNT, 1n);
        for (const old of dropped) operation.delete(tokenKey(old));
      });
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
    const { value } = await this.#database.get<Kept>(sessionKey(publicToken));
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

  async update(touches: readonly SessionUpdate[]): Promise<void> {
    const batches = Array.from(
      { length: Math.ceil(touches.length / READ_AT_ONCE) },
      (_, n) => touches.slice(n * READ_AT_ONCE, (n + 1) * READ_AT_ONCE),
    );
    const writers = Array.from({ length: WRITERS }, async () => {
      for (let some = batches.pop(); some !== undefined; some = batches.pop()) {
        const batch = some;
        await this.#database.retry(() => this.#touch(batch));
      }
    });
    await Promise.all(writers);
  }

  async revokeTokens(publicToken: string, time: number): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<Kept>(sessionKey(publicToken));
      const kept = entry.value;
      if (kept === null) return "";
      return await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, { ...kept, digests: [], revokedAt: time });
        for (const digest of kept.digests) operation.delete(tokenKey(digest));
      });
    });
  }

  async remove(publicToken: string): Promise<void> {
    await this.#removeWhere(publicToken, () => true);
  }

  async removeInactive(time: number): Promise<readonly string[]> {
    const selector = { prefix: SESSIONS_BY_LAST_SEEN, end: [...SESSIONS_BY_LAST_SEEN, time] };
    const removed: string[] = [];
    while (removed.length === 0) {
      const filed = await this.#database.list<true>(selector, { limit: STEP });
      for (const { key } of filed) {
        const publicToken = String(key.at(-1));
        if (await this.#removeOrFile(publicToken, Number(key.at(-2)), time)) {
          removed.push(publicToken);
        }
      }
      if (filed.length < STEP) break;
    }
    return removed;
  }

  async readMarkers(publicToken: string): Promise<readonly ReadMarker[]> {
    const selector = { prefix: readMarkersPrefix(publicToken) };
    const entries = await this.#database.list<ReadMarker>(selector, { limit: MARKS });
    return entries.map(({ value }) => value);
  }

  async setReadMarker(
    publicToken: string,
    { channel, readUpTo, deliveredUpTo }: ReadMarker,
  ): Promise<void> {
    const keys = [sessionKey(publicToken), readMarkerKey(publicToken, channel)];
    await this.#database.retry(async () => {
      const [session, mark] = await this.#database.getMany<unknown>(keys);
      if (session === undefined || mark === undefined || session.value === null) return "";
      const before = mark.value === null ? undefined : mark.value as ReadMarker;
      const moved: ReadMarker = {
        channel,
        readUpTo: Math.max(readUpTo, before?.readUpTo ?? 0),
        deliveredUpTo: Math.max(deliveredUpTo, before?.deliveredUpTo ?? 0),
      };
      // Also the session: if it ends in this moment, no mark is left behind.
      return await this.#database.commit((operation) =>
        operation.check(session, mark).set(mark.key, moved)
      );
    });
  }

  async removeReadMarker(publicToken: string, channel: string): Promise<void> {
    await this.#database.commit((operation) =>
      operation.delete(readMarkerKey(publicToken, channel))
    );
  }

  async #touch(touches: readonly SessionUpdate[]): Promise<string | undefined> {
    const tokens = touches.map(({ publicToken }) => sessionKey(publicToken));
    const entries = await this.#database.getMany<Kept>(tokens);
    return await this.#database.commit((operation) => {
      for (const [n, { lastSeen }] of touches.entries()) {
        const entry = entries[n];
        const kept = entry?.value ?? null;
        if (entry === undefined || kept === null) continue;
        // Another node may know of a later time.
        const newest = Math.max(kept.lastSeen, lastSeen);
        operation.check(entry).set(entry.key, { ...kept, lastSeen: newest });
      }
    });
  }

  /** Removes a session that was last seen before `time`; files one that was seen since under that time. */
  async #removeOrFile(publicToken: string, filed: number, time: number): Promise<boolean> {
    const isRemoved = await this.#removeWhere(publicToken, ({ lastSeen }) => lastSeen < time);
    if (isRemoved) return true;
    await this.#database.retry(async () => {
      const entry = await this.#database.get<Kept>(sessionKey(publicToken));
      return await this.#database.commit((operation) => {
        operation.check(entry).delete(lastSeenKey(filed, publicToken));
        if (entry.value === null) return;
        const { lastSeen } = entry.value;
        operation.set(entry.key, { ...entry.value, filedSeen: lastSeen });
        operation.set(lastSeenKey(lastSeen, publicToken), true);
      });
    });
    return false;
  }

  async #removeWhere(publicToken: string, isMeant: (kept: Kept) => boolean): Promise<boolean> {
    return await this.#database.retry(async () => {
      const entry = await this.#database.get<Kept>(sessionKey(publicToken));
      const kept = entry.value;
      if (kept === null || !isMeant(kept)) return false;
      const marks = await this.#database.list<ReadMarker>(
        { prefix: readMarkersPrefix(publicToken) },
        { limit: MARKS_AT_ONCE },
      );
      const isLast = marks.length < MARKS_AT_ONCE;
      const isDone = await this.#database.commit((operation) => {
        operation.check(entry);
        for (const { key } of marks) operation.delete(key);
        if (!isLast) return;
        operation.delete(entry.key).delete(lastSeenKey(kept.filedSeen, publicToken));
        operation.sum(SESSION_COUNT, MINUS_ONE);
        for (const digest of kept.digests) operation.delete(tokenKey(digest));
      });
      return isDone !== undefined && isLast ? true : undefined;
    });
  }
}
