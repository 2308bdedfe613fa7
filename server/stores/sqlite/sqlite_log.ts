import type { DatabaseSync } from "node:sqlite";
import { wallNow } from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import { decode, type Draft, encode, keyScopeOf, messageOf } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import { type Topic, topicsOf } from "../../core/model/topics.ts";
import type { Message } from "../../protocol/message.ts";
import { digestOfDraft, hasDigest } from "../digests.ts";
import type { GroupCommit } from "./group_commit.ts";

/** Maximum number of messages, and of keys, that are removed at once. */
const TRIM_BATCH = 500;

/** Number of messages read at once for a follower that starts in the past. */
const FOLLOW_BATCH = 500;

/** The range of ids that the log stores. */
interface Range {
  readonly newest: number;
  /** Messages up to this id have been removed. */
  readonly trimmedUpTo: number;
}

/** The log of a SQLite store. Ids are consecutive. */
export class SqliteLog implements MessageLog {
  readonly epoch: string;
  readonly #group: GroupCommit;
  readonly #retention: Retention;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #followers = new Listeners<readonly Message[]>();
  #range: Range;
  /** The range as of the transaction in progress, and the messages appended in it. */
  #uncommitted: Range;
  #appended: Message[] = [];

  constructor(database: DatabaseSync, group: GroupCommit, retention: Retention) {
    this.#group = group;
    this.#retention = retention;
    this.#sql = prepare(database);
    this.epoch = String(this.#sql.meta.get("epoch")?.value);
    const trimmedUpTo = Number(this.#sql.meta.get("trimmed")?.value);
    const newest = Math.max(trimmedUpTo, Number(this.#sql.newest.get()?.id));
    this.#range = this.#uncommitted = { newest, trimmedUpTo };
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#group.write(() =>
      drafts.length === 1 ? drafts.map((draft) => this.#append(draft)) : this.#appendAll(drafts)
    );
  }

  read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const rows = topics.flatMap((topic) => this.#sql.idsAfter.all(topic, after, limit + 1));
    const ids = [...new Set(rows.map(({ id }) => Number(id)))].sort((one, other) => one - other);
    return Promise.resolve({
      messages: ids.slice(0, limit).flatMap((id) => this.#message(id) ?? []),
      hasMore: ids.length > limit,
      trimmedUpTo: this.#range.trimmedUpTo,
    });
  }

  history(topic: Topic, before: number | undefined, limit: number): Promise<readonly Message[]> {
    const rows = this.#sql.messagesBefore.all(topic, before ?? Number.MAX_SAFE_INTEGER, limit);
    return Promise.resolve(rows.map(({ message }) => decode(String(message))));
  }

  get(id: number): Promise<Message | undefined> {
    return Promise.resolve(this.#message(id));
  }

  newestId(): Promise<number> {
    return Promise.resolve(this.#range.newest);
  }

  follow(after: number, onAppended: (messages: readonly Message[]) => void): Promise<Disposable> {
    for (let last = Math.max(after, this.#range.trimmedUpTo); last < this.#range.newest;) {
      const rows = this.#sql.messagesAfter.all(last, FOLLOW_BATCH);
      const messages = rows.map(({ message }) => decode(String(message)));
      const newest = messages.at(-1);
      if (newest === undefined) break;
      onAppended(messages);
      last = newest.id;
    }
    return Promise.resolve(this.#followers.add(onAppended));
  }

  trim(now: number): Promise<boolean> {
    return this.#group.write(() => {
      const { changes } = this.#sql.removeKeys.run(TRIM_BATCH, now - this.#retention.keyAgeMs);
      const { newest, trimmedUpTo } = this.#uncommitted;
      const last = this.#lastToTrim(now);
      for (let id = trimmedUpTo + 1; id <= last; id++) this.#remove(id);
      if (last > trimmedUpTo) this.#sql.setTrimmedUpTo.run(last);
      this.#uncommitted = { newest, trimmedUpTo: last };
      return changes === TRIM_BATCH || last === trimmedUpTo + TRIM_BATCH;
    });
  }

  /** Must be called after each transaction: publishes what it wrote, or discards it. */
  onTransactionEnd(isCommitted: boolean): void {
    const appended = this.#appended;
    this.#appended = [];
    if (!isCommitted) {
      this.#uncommitted = this.#range;
      return;
    }
    this.#range = this.#uncommitted;
    if (appended.length > 0) this.#followers.emit(appended);
  }

  /** Appends all drafts or none. */
  #appendAll(drafts: readonly Draft[]): readonly Appended[] {
    const before = { range: this.#uncommitted, length: this.#appended.length };
    this.#sql.savepoint.run();
    try {
      return drafts.map((draft) => this.#append(draft));
    } catch (error) {
      this.#sql.rollback.run();
      this.#uncommitted = before.range;
      this.#appended.length = before.length;
      throw error;
    } finally {
      this.#sql.release.run();
    }
  }

  #append(draft: Draft): Appended {
    const message = this.#findByKey(draft);
    return message === undefined
      ? { message: this.#insert(draft), repeated: false }
      : { message, repeated: true };
  }

  /** Returns the message that the draft's key produced earlier. Refuses if its content was different. */
  #findByKey(draft: Draft): Message | undefined {
    if (draft.key === undefined) return undefined;
    const row = this.#sql.findKey.get(keyScopeOf(draft), draft.key);
    if (row === undefined) return undefined;
    if (!hasDigest(draft, String(row.digest))) {
      throw new Refused("key_reused", `The key "${draft.key}" was used for another message`);
    }
    const id = Number(row.id);
    return this.#message(id) ?? messageOf(draft, id, Number(row.at));
  }

  #insert(draft: Draft): Message {
    const id = this.#uncommitted.newest + 1;
    const message = messageOf(draft, id, wallNow());
    this.#sql.insert.run(id, message.at, encode(message).json);
    for (const topic of topicsOf(message.channel)) this.#sql.addTopic.run(topic, id);
    if (draft.key !== undefined) {
      this.#sql.insertKey.run(keyScopeOf(draft), draft.key, id, digestOfDraft(draft), message.at);
    }
    this.#uncommitted = { ...this.#uncommitted, newest: id };
    this.#appended.push(message);
    return message;
  }

  #message(id: number): Message | undefined {
    const row = this.#sql.message.get(id);
    return row && decode(String(row.message));
  }

  /** The last id of the next batch to trim. */
  #lastToTrim(now: number): number {
    const { maxMessages, maxAgeMs } = this.#retention;
    const { newest, trimmedUpTo } = this.#uncommitted;
    const lastByCount = Math.min(newest - maxMessages, trimmedUpTo + TRIM_BATCH);
    const lastByAge = this.#sql.lastOlderThan.get(trimmedUpTo, TRIM_BATCH, now - maxAgeMs);
    return Math.max(trimmedUpTo, lastByCount, Number(lastByAge?.last));
  }

  #remove(id: number): void {
    const message = this.#message(id);
    if (message === undefined) return;
    for (const topic of topicsOf(message.channel)) this.#sql.removeTopic.run(topic, id);
    this.#sql.remove.run(id);
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    meta: sql("SELECT value FROM meta WHERE name = ?"),
    setTrimmedUpTo: sql("UPDATE meta SET value = ? WHERE name = 'trimmed'"),
    newest: sql("SELECT coalesce(max(id), 0) AS id FROM messages"),
    message: sql("SELECT message FROM messages WHERE id = ?"),
    messagesAfter: sql("SELECT message FROM messages WHERE id > ? ORDER BY id LIMIT ?"),
    insert: sql("INSERT INTO messages VALUES (?, ?, ?)"),
    remove: sql("DELETE FROM messages WHERE id = ?"),
    addTopic: sql("INSERT INTO filings VALUES (?, ?)"),
    removeTopic: sql("DELETE FROM filings WHERE topic = ? AND id = ?"),
    idsAfter: sql("SELECT id FROM filings WHERE topic = ? AND id > ? ORDER BY id LIMIT ?"),
    messagesBefore: sql(`
      SELECT message FROM filings JOIN messages USING (id)
      WHERE topic = ? AND id < ? ORDER BY id DESC LIMIT ?`),
    findKey: sql("SELECT id, digest, at FROM keys WHERE sender = ? AND key = ?"),
    insertKey: sql("INSERT INTO keys (sender, key, id, digest, at) VALUES (?, ?, ?, ?, ?)"),
    removeKeys: sql(`
      DELETE FROM keys
      WHERE number IN (SELECT number FROM keys ORDER BY number LIMIT ?) AND at < ?`),
    // The last of the next few messages, in the order of ids, before the first one that is young enough to stay.
    lastOlderThan: sql(`
      WITH next AS (SELECT id, at FROM messages WHERE id > ? ORDER BY id LIMIT ?)
      SELECT coalesce(min(id) FILTER (WHERE at >= ?) - 1, max(id), 0) AS last FROM next`),
    savepoint: sql("SAVEPOINT several"),
    rollback: sql("ROLLBACK TO several"),
    release: sql("RELEASE several"),
  };
}
