import type { DatabaseSync } from "node:sqlite";
import { decode, indexKeysOf, type Topic } from "../../core/model/message.ts";
import { RowInserter } from "./row_inserter.ts";

/** Maximum number of keys that are forgotten at once. */
const KEY_BATCH = 500;

/** What a new message adds to the index. */
export interface IndexEntry {
  readonly id: number;
  readonly at: number;
  readonly topics: readonly Topic[];
  readonly key?: { readonly scope: string; readonly key: string; readonly digest: string };
}

/** What a key was used for. */
export interface KeyUse {
  readonly id: number;
  readonly at: number;
  readonly digest: string;
}

/**
 * The index of a SQLite log: the ids of each topic, and the idempotency keys. New messages are indexed in memory first and
 * written many at a time, in the order of the tables: written one by one, each message would change several pages of the
 * database, all of which are written to the disk twice. After a crash, the index of the new messages is made again from
 * these.
 */
export class SqliteIndex {
  readonly #sql: ReturnType<typeof prepare>;
  /** The messages that are not in the tables, oldest first. */
  #entries: IndexEntry[] = [];
  readonly #ids = new Map<Topic, number[]>();
  readonly #keys = new Map<string, KeyUse>();
  /** The number of entries that the transaction in progress has written. */
  #written = 0;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database);
    for (const { message, scope, key, digest } of this.#sql.unindexed.iterate()) {
      const decoded = decode(String(message));
      const { id, at } = decoded;
      const used = { scope: String(scope), key: String(key), digest: String(digest) };
      this.add({ id, at, topics: indexKeysOf(decoded), ...(key !== null && { key: used }) });
    }
  }

  /** The number of messages that are not in the tables. */
  get size(): number {
    return this.#entries.length;
  }

  /** Indexes a new message in memory. */
  add(entry: IndexEntry): void {
    this.#entries.push(entry);
    const { id, at, topics, key } = entry;
    for (const topic of topics) {
      const ids = this.#ids.get(topic);
      if (ids === undefined) this.#ids.set(topic, [id]);
      else ids.push(id);
    }
    if (key !== undefined) this.#keys.set(nameOf(key), { id, at, digest: key.digest });
  }

  /** Forgets the newest messages, which are rolled back, until there are `size`. */
  cut(size: number): void {
    for (const { topics, key } of this.#entries.splice(size).reverse()) {
      for (const topic of topics) {
        const ids = this.#ids.get(topic);
        ids?.pop();
        if (ids?.length === 0) this.#ids.delete(topic);
      }
      if (key !== undefined) this.#keys.delete(nameOf(key));
    }
  }

  /** Up to `limit` ids of a topic after an id, oldest first. */
  idsAfter(topic: Topic, after: number, limit: number): readonly number[] {
    const stored = this.#sql.idsAfter.all(topic, after, limit).map(({ id }) => Number(id));
    const recent = this.#ids.get(topic);
    if (recent === undefined || stored.length === limit) return stored;
    return [...stored, ...recent.filter((id) => id > after).slice(0, limit - stored.length)];
  }

  /** Up to `limit` ids of a topic below an id, newest first. */
  idsBefore(topic: Topic, before: number, limit: number): readonly number[] {
    const recent = (this.#ids.get(topic) ?? []).filter((id) => id < before)
      .slice(-limit).reverse();
    const left = limit - recent.length;
    if (left <= 0) return recent.slice(0, limit);
    const stored = this.#sql.idsBefore.all(topic, before, left).map(({ id }) => Number(id));
    return [...recent, ...stored];
  }

  /** What a key was used for, if it was. */
  findKey(scope: string, key: string): KeyUse | undefined {
    const recent = this.#keys.get(nameOf({ scope, key }));
    if (recent !== undefined) return recent;
    const row = this.#sql.findKey.get(scope, key);
    return row && { id: Number(row.id), at: Number(row.at), digest: String(row.digest) };
  }

  /** Forgets a batch of the keys that are older than `age` at the Unix time `now` in ms; returns whether there may be more. */
  forgetKeys(now: number, age: number): boolean {
    if (now <= age) return false;
    return this.#sql.removeKeys.run(now + age, KEY_BATCH, now - age).changes === KEY_BATCH;
  }

  /** Writes the index of the new messages to the tables, in the transaction in progress. */
  write(): void {
    const entries = this.#entries.slice(this.#written);
    const newest = entries.at(-1);
    if (newest === undefined) return;
    const rows = entries.flatMap(({ id, topics }) => topics.map((topic) => [topic, id] as const));
    // In the order of the primary key, so that rows next to each other are written together.
    rows.sort(([one], [other]) => one < other ? -1 : one > other ? 1 : 0);
    this.#sql.filings.insert(rows);
    for (const { id, at, key } of entries) {
      if (key !== undefined) this.#sql.insertKey.run(key.scope, key.key, id, key.digest, at);
    }
    this.#sql.removeNewKeys.run();
    this.#sql.setIndexed.run(newest.id);
    this.#written = this.#entries.length;
  }

  /** Must be called after each transaction. */
  onTransactionEnd(isCommitted: boolean): void {
    const written = this.#written;
    this.#written = 0;
    if (!isCommitted || written === 0) return;
    const left = this.#entries.slice(written);
    this.#entries = [];
    this.#ids.clear();
    this.#keys.clear();
    for (const entry of left) this.add(entry);
  }
}

/** A key in its scope; distinct for each pair. */
function nameOf({ scope, key }: { readonly scope: string; readonly key: string }): string {
  return `${scope.length} ${scope}${key}`;
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    unindexed: sql(`
      SELECT message, sender AS scope, key, digest FROM messages LEFT JOIN new_keys USING (id)
      WHERE id > (SELECT value FROM meta WHERE name = 'indexed') ORDER BY id`),
    setIndexed: sql("UPDATE meta SET value = ? WHERE name = 'indexed'"),
    filings: new RowInserter(database, "filings", 2),
    idsAfter: sql("SELECT id FROM filings WHERE topic = ? AND id > ? ORDER BY id LIMIT ?"),
    idsBefore: sql("SELECT id FROM filings WHERE topic = ? AND id < ? ORDER BY id DESC LIMIT ?"),
    findKey: sql("SELECT id, digest, at FROM keys WHERE sender = ? AND key = ?"),
    insertKey: sql("INSERT INTO keys (sender, key, id, digest, at) VALUES (?, ?, ?, ?, ?)"),
    // Keys from a time when the clock was ahead stay, but must not keep the ones after them.
    removeKeys: sql(`
      DELETE FROM keys
      WHERE number IN (SELECT number FROM keys WHERE at < ? ORDER BY number LIMIT ?) AND at < ?`),
    removeNewKeys: sql("DELETE FROM new_keys"),
  };
}
