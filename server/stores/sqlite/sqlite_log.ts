import type { DatabaseSync } from "node:sqlite";
import { type Topic, topicsOf } from "../../core/model/topics.ts";
import { Listeners } from "../../base/listeners.ts";
import { decode, type Draft, encode, keyScopeOf, messageOf } from "../../core/model/message.ts";
import { type Message } from "../../protocol/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import { digestOfDraft } from "../draft_digest.ts";
import type { GroupCommit } from "./group_commit.ts";

/** So many messages, and so many keys, are removed in one step of trimming. */
const STEP = 500;

/** So many messages are read at once for a follower that starts in the past. */
const FOLLOW_PAGE = 500;

/** How far the log reaches. */
interface Marks {
  readonly newest: number;
  /** Up to here nothing is kept. */
  readonly trimmed: number;
}

/** The log in a SQLite database. Ids are dense. */
export class SqliteLog implements MessageLog {
  readonly epoch: string;
  readonly #group: GroupCommit;
  readonly #retention: Retention;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #followers = new Listeners<readonly Message[]>();
  #marks: Marks;
  /** As `#marks`, and the messages appended, in the transaction that runs. */
  #running: Marks;
  #appended: Message[] = [];

  constructor(database: DatabaseSync, group: GroupCommit, retention: Retention) {
    this.#group = group;
    this.#retention = retention;
    this.#sql = prepare(database);
    this.epoch = String(this.#sql.meta.get("epoch")?.value);
    const trimmed = Number(this.#sql.meta.get("trimmed")?.value);
    const newest = Math.max(trimmed, Number(this.#sql.newest.get()?.id));
    this.#marks = this.#running = { newest, trimmed };
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#group.write(() =>
      drafts.length === 1 ? drafts.map((draft) => this.#append(draft)) : this.#appendAll(drafts)
    );
  }

  read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const filed = topics.flatMap((topic) => this.#sql.filedAfter.all(topic, after, limit + 1));
    const ids = [...new Set(filed.map(({ id }) => Number(id)))].sort((one, other) => one - other);
    return Promise.resolve({
      messages: ids.slice(0, limit).flatMap((id) => this.#message(id) ?? []),
      hasMore: ids.length > limit,
      trimmedUpTo: this.#marks.trimmed,
    });
  }

  history(topic: Topic, before: number | undefined, limit: number): Promise<readonly Message[]> {
    const rows = this.#sql.filedBefore.all(topic, before ?? Number.MAX_SAFE_INTEGER, limit);
    return Promise.resolve(rows.map(({ message }) => decode(String(message))));
  }

  get(id: number): Promise<Message | undefined> {
    return Promise.resolve(this.#message(id));
  }

  newestId(): Promise<number> {
    return Promise.resolve(this.#marks.newest);
  }

  follow(after: number, onAppended: (messages: readonly Message[]) => void): Promise<Disposable> {
    for (let place = Math.max(after, this.#marks.trimmed); place < this.#marks.newest;) {
      const rows = this.#sql.after.all(place, FOLLOW_PAGE);
      const messages = rows.map(({ message }) => decode(String(message)));
      const last = messages.at(-1);
      if (last === undefined) break;
      onAppended(messages);
      place = last.id;
    }
    return Promise.resolve(this.#followers.add(onAppended));
  }

  trim(now: number): Promise<boolean> {
    return this.#group.write(() => {
      const { changes } = this.#sql.forgetKeys.run(STEP, now - this.#retention.keyAgeMs);
      const { newest, trimmed } = this.#running;
      const last = this.#lastToTrim(now);
      for (let id = trimmed + 1; id <= last; id++) this.#remove(id);
      if (last > trimmed) this.#sql.setTrimmed.run(last);
      this.#running = { newest, trimmed: last };
      return changes === STEP || last === trimmed + STEP;
    });
  }

  /** To be called when a transaction has ended: what it wrote is now there for all, or for none. */
  onTransactionEnd(isCommitted: boolean): void {
    const appended = this.#appended;
    this.#appended = [];
    if (!isCommitted) {
      this.#running = this.#marks;
      return;
    }
    this.#marks = this.#running;
    if (appended.length > 0) this.#followers.emit(appended);
  }

  /** All or none. */
  #appendAll(drafts: readonly Draft[]): readonly Appended[] {
    const before = { running: this.#running, length: this.#appended.length };
    this.#sql.savepoint.run();
    try {
      return drafts.map((draft) => this.#append(draft));
    } catch (error) {
      this.#sql.rollback.run();
      this.#running = before.running;
      this.#appended.length = before.length;
      throw error;
    } finally {
      this.#sql.release.run();
    }
  }

  #append(draft: Draft): Appended {
    const message = this.#earlier(draft);
    return message === undefined
      ? { message: this.#insert(draft), repeated: false }
      : { message, repeated: true };
  }

  /** The message that the same sender sent with the same key. Refuses when it says something else. */
  #earlier(draft: Draft): Message | undefined {
    if (draft.key === undefined) return undefined;
    const row = this.#sql.findKey.get(keyScopeOf(draft), draft.key);
    if (row === undefined) return undefined;
    if (digestOfDraft(draft) !== row.digest) {
      throw new Refused("key_reused", `The key "${draft.key}" was used for another message`);
    }
    const id = Number(row.id);
    return this.#message(id) ?? messageOf(draft, id, Number(row.at));
  }

  #insert(draft: Draft): Message {
    const id = this.#running.newest + 1;
    const message = messageOf(draft, id, Date.now());
    this.#sql.insert.run(id, message.at, encode(message).json);
    for (const topic of topicsOf(message.channel)) this.#sql.file.run(topic, id);
    if (draft.key !== undefined) {
      this.#sql.insertKey.run(keyScopeOf(draft), draft.key, id, digestOfDraft(draft), message.at);
    }
    this.#running = { ...this.#running, newest: id };
    this.#appended.push(message);
    return message;
  }

  #message(id: number): Message | undefined {
    const row = this.#sql.message.get(id);
    return row && decode(String(row.message));
  }

  /** The last id of the next step of trimming. */
  #lastToTrim(now: number): number {
    const retention = this.#retention;
    const { newest, trimmed } = this.#running;
    const surplus = Math.min(newest - retention.maxMessages, trimmed + STEP);
    const young = this.#sql.lastBefore.get(trimmed, STEP, now - retention.maxAgeMs);
    return Math.max(trimmed, surplus, Number(young?.last));
  }

  #remove(id: number): void {
    const message = this.#message(id);
    if (message === undefined) return;
    for (const topic of topicsOf(message.channel)) this.#sql.unfile.run(topic, id);
    this.#sql.remove.run(id);
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    meta: sql("SELECT value FROM meta WHERE name = ?"),
    setTrimmed: sql("UPDATE meta SET value = ? WHERE name = 'trimmed'"),
    newest: sql("SELECT coalesce(max(id), 0) AS id FROM messages"),
    message: sql("SELECT message FROM messages WHERE id = ?"),
    after: sql("SELECT message FROM messages WHERE id > ? ORDER BY id LIMIT ?"),
    insert: sql("INSERT INTO messages VALUES (?, ?, ?)"),
    remove: sql("DELETE FROM messages WHERE id = ?"),
    file: sql("INSERT INTO filings VALUES (?, ?)"),
    unfile: sql("DELETE FROM filings WHERE topic = ? AND id = ?"),
    filedAfter: sql("SELECT id FROM filings WHERE topic = ? AND id > ? ORDER BY id LIMIT ?"),
    filedBefore: sql(`
      SELECT message FROM filings JOIN messages USING (id)
      WHERE topic = ? AND id < ? ORDER BY id DESC LIMIT ?`),
    findKey: sql("SELECT id, digest, at FROM keys WHERE sender = ? AND key = ?"),
    insertKey: sql("INSERT INTO keys (sender, key, id, digest, at) VALUES (?, ?, ?, ?, ?)"),
    forgetKeys: sql(`
      DELETE FROM keys
      WHERE number IN (SELECT number FROM keys ORDER BY number LIMIT ?) AND at < ?`),
    /** The last of the next few messages, in the order of ids, before one that is young enough to be kept. */
    lastBefore: sql(`
      WITH next AS (SELECT id, at FROM messages WHERE id > ? ORDER BY id LIMIT ?)
      SELECT coalesce(min(id) FILTER (WHERE at >= ?) - 1, max(id), 0) AS last FROM next`),
    savepoint: sql("SAVEPOINT several"),
    rollback: sql("ROLLBACK TO several"),
    release: sql("RELEASE several"),
  };
}
