import type { DatabaseSync } from "node:sqlite";
import {
  type ReadMarker,
  type SessionStore,
  type SessionUpdate,
  type StoredSession,
  TOKENS_PER_SESSION,
} from "../../core/model/store.ts";
import { isNotify } from "../../protocol/requests.ts";
import { digestOfToken } from "../digests.ts";
import type { GroupCommit } from "./group_commit.ts";

/** Maximum number of sessions that are removed at once. */
const BATCH_SIZE = 500;

/** The sessions and read markers of a SQLite store. */
export class SqliteSessions implements SessionStore {
  readonly salt: string;
  readonly #group: GroupCommit;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, group: GroupCommit) {
    this.#group = group;
    this.#sql = prepare(database);
    this.salt = String(this.#sql.salt.get()?.value);
  }

  upsert(session: StoredSession, privateToken: string | undefined): Promise<void> {
    const { publicToken, displayName, createdAt, lastSeen, startsAfter, userId } = session;
    const digest = privateToken === undefined ? undefined : digestOfToken(privateToken);
    const values = [publicToken, displayName, createdAt, lastSeen, startsAfter, userId ?? null];
    return this.#group.write(() => {
      this.#sql.upsert.run(...values);
      if (digest !== undefined) this.#addToken(publicToken, digest);
    });
  }

  addToken(publicToken: string, privateToken: string): Promise<boolean> {
    const digest = digestOfToken(privateToken);
    return this.#group.write(() => {
      const exists = this.#sql.findPublic.get(publicToken) !== undefined;
      if (exists) this.#addToken(publicToken, digest);
      return exists;
    });
  }

  count(): Promise<number> {
    return Promise.resolve(Number(this.#sql.count.get()?.count));
  }

  findByPrivateToken(privateToken: string): Promise<StoredSession | undefined> {
    return Promise.resolve(sessionOf(this.#sql.findPrivate.get(digestOfToken(privateToken))));
  }

  findByPublicToken(publicToken: string): Promise<StoredSession | undefined> {
    return Promise.resolve(sessionOf(this.#sql.findPublic.get(publicToken)));
  }

  async update(updates: readonly SessionUpdate[]): Promise<void> {
    if (updates.length === 0) return;
    await this.#group.write(() => {
      for (const { publicToken, lastSeen, displayName } of updates) {
        this.#sql.update.run(lastSeen, displayName ?? null, publicToken);
      }
    });
  }

  revokeTokens(publicToken: string, revokedAt: number): Promise<void> {
    return this.#group.write(() => {
      this.#sql.removeTokens.run(publicToken);
      this.#sql.setRevokedAt.run(revokedAt, publicToken);
    });
  }

  remove(publicToken: string): Promise<void> {
    return this.#group.write(() => {
      this.#sql.remove.run(publicToken);
    });
  }

  removeInactive(lastSeenBefore: number): Promise<readonly string[]> {
    return this.#group.write(() =>
      this.#sql.removeInactive.all(lastSeenBefore, BATCH_SIZE)
        .map((row) => String(row.public_token))
    );
  }

  removeUnused(createdBefore: number): Promise<readonly string[]> {
    return this.#group.write(() =>
      this.#sql.removeUnused.all(createdBefore, BATCH_SIZE).map((row) => String(row.public_token))
    );
  }

  readMarkers(publicToken: string): Promise<readonly ReadMarker[]> {
    return Promise.resolve(this.#sql.readMarkers.all(publicToken).map(readMarkerOf));
  }

  setReadMarker(
    publicToken: string,
    { channel, readUpTo, deliveredUpTo, isUnanswered, ...settings }: ReadMarker,
  ): Promise<void> {
    return this.#group.write(() => {
      const unanswered = isUnanswered ? 1 : 0;
      this.#sql.setReadMarker.run(channel, readUpTo, deliveredUpTo, unanswered, publicToken);
      if (isUnanswered === false) this.#sql.setAnswered.run(publicToken, channel);
      const { notify = null, isPinned, unreadFrom = null } = settings;
      if (Object.keys(settings).length === 0) return;
      const pinned = isPinned === undefined ? null : Number(isPinned);
      this.#sql.setSettings.run(notify, pinned, unreadFrom, publicToken, channel);
    });
  }

  removeReadMarker(publicToken: string, channel: string): Promise<void> {
    return this.#group.write(() => {
      this.#sql.removeReadMarker.run(publicToken, channel);
    });
  }

  #addToken(publicToken: string, digest: ReturnType<typeof digestOfToken>): void {
    this.#sql.addToken.run(digest, publicToken);
    this.#sql.dropTokens.run(publicToken, publicToken, TOKENS_PER_SESSION);
  }
}

function readMarkerOf(row: Record<string, unknown>): ReadMarker {
  return {
    channel: String(row.channel),
    readUpTo: Number(row.read_up_to),
    deliveredUpTo: Number(row.delivered_up_to),
    ...(Number(row.unanswered) > 0 && { isUnanswered: true }),
    ...(isNotify(row.notify) && { notify: row.notify }),
    ...(Number(row.pinned) > 0 && { isPinned: true }),
    ...(Number(row.unread_from) > 0 && { unreadFrom: Number(row.unread_from) }),
  };
}

function sessionOf(row: Record<string, unknown> | undefined): StoredSession | undefined {
  return row && {
    publicToken: String(row.public_token),
    displayName: String(row.display_name),
    createdAt: Number(row.created_at),
    lastSeen: Number(row.last_seen),
    startsAfter: Number(row.acknowledged),
    ...(row.user_id !== null && { userId: String(row.user_id) }),
    ...(row.revoked_at !== null && { revokedAt: Number(row.revoked_at) }),
  };
}

/** The column `acknowledged` holds {@linkcode StoredSession.startsAfter}; its name cannot change without a new schema version. */
function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    salt: sql("SELECT value FROM meta WHERE name = 'salt'"),
    upsert: sql(`
      INSERT INTO sessions
        (public_token, display_name, created_at, last_seen, acknowledged, user_id)
        VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE
      SET display_name = excluded.display_name, last_seen = excluded.last_seen`),
    count: sql("SELECT count(*) AS count FROM sessions"),
    addToken: sql("INSERT INTO tokens (digest, public_token) VALUES (?, ?)"),
    dropTokens: sql(`
      DELETE FROM tokens WHERE public_token = ? AND number <=
        (SELECT number FROM tokens WHERE public_token = ? ORDER BY number DESC LIMIT 1 OFFSET ?)`),
    removeTokens: sql("DELETE FROM tokens WHERE public_token = ?"),
    setRevokedAt: sql("UPDATE sessions SET revoked_at = ? WHERE public_token = ?"),
    findPrivate: sql("SELECT * FROM tokens JOIN sessions USING (public_token) WHERE digest = ?"),
    findPublic: sql("SELECT * FROM sessions WHERE public_token = ?"),
    update: sql(`
      UPDATE sessions SET last_seen = ?, display_name = coalesce(?, display_name)
      WHERE public_token = ?`),
    remove: sql("DELETE FROM sessions WHERE public_token = ?"),
    removeInactive: sql(`
      DELETE FROM sessions WHERE public_token IN
        (SELECT public_token FROM sessions WHERE last_seen < ? ORDER BY last_seen LIMIT ?)
      RETURNING public_token`),
    removeUnused: sql(`
      DELETE FROM sessions WHERE public_token IN (
        SELECT public_token FROM sessions
        WHERE last_seen = created_at AND user_id IS NULL AND created_at < ?
        ORDER BY created_at LIMIT ?)
      RETURNING public_token`),
    readMarkers: sql("SELECT * FROM marks WHERE public_token = ?"),
    setAnswered: sql("UPDATE marks SET unanswered = 0 WHERE public_token = ? AND channel = ?"),
    setSettings: sql(`
      UPDATE marks SET notify = coalesce(?, notify), pinned = coalesce(?, pinned),
        unread_from = coalesce(?, unread_from)
      WHERE public_token = ? AND channel = ?`),
    setReadMarker: sql(`
      INSERT INTO marks (public_token, channel, read_up_to, delivered_up_to, unanswered)
        SELECT public_token, ?, ?, ?, ? FROM sessions WHERE public_token = ?
      ON CONFLICT DO UPDATE SET
        read_up_to = max(read_up_to, excluded.read_up_to),
        delivered_up_to = max(delivered_up_to, excluded.delivered_up_to)`),
    removeReadMarker: sql("DELETE FROM marks WHERE public_token = ? AND channel = ?"),
  };
}
