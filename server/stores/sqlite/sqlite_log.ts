import type { DatabaseSync } from "node:sqlite";
import { wallNow } from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import {
  decode,
  type Draft,
  encode,
  indexKeysOf,
  keyScopeOf,
  messageOf,
  type Topic,
} from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import type { Message } from "../../protocol/message.ts";
import { digestOfDraft, hasDigest } from "../digests.ts";
import type { GroupCommit } from "./group_commit.ts";
import { SqliteTrimmer, type TrimState } from "./sqlite_trimmer.ts";

/** Maximum number of keys that are removed at once. */
const KEY_BATCH = 500;

/** Number of messages read at once for a follower that starts in the past. */
const FOLLOW_BATCH = 500;

/** The log as of a transaction. */
interface LogState {
  readonly newest: number;
  readonly trim: TrimState;
}

/** The log of a SQLite store. Ids are consecutive. */
export class SqliteLog implements MessageLog {
  readonly epoch: string;
  readonly #group: GroupCommit;
  readonly #retention: Retention;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #followers = new Listeners<readonly Message[]>();
  readonly #trimmer: SqliteTrimmer;
  #committed: LogState;
  /** The newest id as of the transaction in progress, and the messages appended in it. */
  #newest: number;
  #appended: Message[] = [];

  constructor(database: DatabaseSync, group: GroupCommit, retention: Retention) {
    this.#group = group;
    this.#retention = retention;
    this.#sql = prepare(database);
    this.epoch = String(this.#sql.meta.get("epoch")?.value);
    const trimmer = this.#trimmer = new SqliteTrimmer(database, retention);
    // The newest message may have been removed.
    this.#newest = Math.max(trimmer.state.highest, Number(this.#sql.newest.get()?.id));
    this.#committed = this.#state;
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
      trimmedUpTo: this.#trimmer.trimmedUpTo(topics, after),
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
    return Promise.resolve(this.#committed.newest);
  }

  follow(after: number, onAppended: (messages: readonly Message[]) => void): Promise<Disposable> {
    for (let last = after; last < this.#committed.newest;) {
      const messages = this.after(last, FOLLOW_BATCH).map(decode);
      const newest = messages.at(-1);
      if (newest === undefined) break;
      onAppended(messages);
      last = newest.id;
    }
    return Promise.resolve(this.#followers.add(onAppended));
  }

  /** Up to `limit` messages of all topics after the id `after`, oldest first, as JSON. */
  after(after: number, limit: number): readonly string[] {
    return this.#sql.messagesAfter.all(after, limit).map(({ message }) => String(message));
  }

  trim(now: number): Promise<boolean> {
    return this.#group.write(() => {
      const { keyAgeMs } = this.#retention;
      const { changes } = now > keyAgeMs
        ? this.#sql.removeKeys.run(now + keyAgeMs, KEY_BATCH, now - keyAgeMs)
        : { changes: 0 };
      const isMore = this.#trimmer.trim(now);
      return isMore || changes === KEY_BATCH;
    });
  }

  /** Must be called after each transaction: publishes what it wrote, or discards it. */
  onTransactionEnd(isCommitted: boolean): void {
    const appended = this.#appended;
    this.#appended = [];
    if (!isCommitted) {
      this.#restore(this.#committed);
      return;
    }
    this.#committed = this.#state;
    if (appended.length > 0) this.#followers.emit(appended);
  }

  /** Appends all drafts or none. */
  #appendAll(drafts: readonly Draft[]): readonly Appended[] {
    const before = { state: this.#state, length: this.#appended.length };
    this.#sql.savepoint.run();
    try {
      return drafts.map((draft) => this.#append(draft));
    } catch (error) {
      this.#sql.rollback.run();
      this.#restore(before.state);
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
    const id = this.#newest + 1;
    const message = messageOf(draft, id, wallNow());
    const { json, bytes } = encode(message);
    this.#sql.insert.run(id, message.at, json);
    this.#trimmer.add(message, bytes);
    for (const key of indexKeysOf(message)) this.#sql.addTopic.run(key, id);
    if (draft.key !== undefined) {
      this.#sql.insertKey.run(keyScopeOf(draft), draft.key, id, digestOfDraft(draft), message.at);
    }
    this.#newest = id;
    this.#appended.push(message);
    return message;
  }

  #message(id: number): Message | undefined {
    const row = this.#sql.message.get(id);
    return row && decode(String(row.message));
  }

  get #state(): LogState {
    return { newest: this.#newest, trim: this.#trimmer.state };
  }

  #restore({ newest, trim }: LogState): void {
    this.#newest = newest;
    this.#trimmer.state = trim;
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    meta: sql("SELECT value FROM meta WHERE name = ?"),
    newest: sql("SELECT coalesce(max(id), 0) AS id FROM messages"),
    message: sql("SELECT message FROM messages WHERE id = ?"),
    messagesAfter: sql("SELECT message FROM messages WHERE id > ? ORDER BY id LIMIT ?"),
    insert: sql("INSERT INTO messages VALUES (?, ?, ?)"),
    addTopic: sql("INSERT INTO filings VALUES (?, ?)"),
    idsAfter: sql("SELECT id FROM filings WHERE topic = ? AND id > ? ORDER BY id LIMIT ?"),
    messagesBefore: sql(`
      SELECT message FROM filings JOIN messages USING (id)
      WHERE topic = ? AND id < ? ORDER BY id DESC LIMIT ?`),
    findKey: sql("SELECT id, digest, at FROM keys WHERE sender = ? AND key = ?"),
    insertKey: sql("INSERT INTO keys (sender, key, id, digest, at) VALUES (?, ?, ?, ?, ?)"),
    // Keys from a time when the clock was ahead stay, but must not keep the ones after them.
    removeKeys: sql(`
      DELETE FROM keys
      WHERE number IN (SELECT number FROM keys WHERE at < ? ORDER BY number LIMIT ?) AND at < ?`),
    savepoint: sql("SAVEPOINT several"),
    rollback: sql("ROLLBACK TO several"),
    release: sql("RELEASE several"),
  };
}
