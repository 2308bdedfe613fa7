import type { DatabaseSync } from "node:sqlite";
import type { Runtime } from "../../base/runtime.ts";
import { Listeners } from "../../base/listeners.ts";
import { decode, type Draft, type Entry, indexKeys, type Topic } from "../../core/model/message.ts";
import { ignoreUnavailable, notRepeated, Refused } from "../../core/model/refused.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import { DraftDigests } from "../digests.ts";
import { type EncodedDraft, type EncodedKey, encodeDraft, hasDigest } from "./encoded_draft.ts";
import type { GroupCommit } from "./group_commit.ts";
import { readAfter } from "./read_after.ts";
import { RowInserter } from "./row_inserter.ts";
import { SqliteChanges } from "./sqlite_changes.ts";
import { SqliteIndex } from "./sqlite_index.ts";
import { SqliteSearch } from "./sqlite_search.ts";
import { StoredAppend, StoredMessage, type StoredPage } from "./stored_message.ts";
import { SqliteTrimmer, type TrimState } from "./sqlite_trimmer.ts";

/** Number of new messages whose index is written together. */
const INDEX_BATCH = 1_000;

/** The log as of a transaction. */
interface LogState {
  readonly newest: number;
  /** The number of messages that are indexed in memory only. */
  readonly unindexed: number;
  readonly trim: TrimState;
}

/**
 * The log of a SQLite store. Ids are consecutive. Messages go in and out as JSON, so that a thread can serve other isolates
 * without decoding them; the methods of `MessageLog` decode what these return.
 */
export class SqliteLog implements MessageLog {
  readonly epoch: string;
  readonly search: SqliteSearch;
  /** Emits the messages of each transaction when they are durable. */
  readonly appended = new Listeners<readonly StoredMessage[]>();
  readonly #group: GroupCommit;
  readonly #runtime: Runtime;
  readonly #retention: Retention;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #digests: DraftDigests;
  readonly #trimmer: SqliteTrimmer;
  readonly #index: SqliteIndex;
  readonly #changes: SqliteChanges;
  #committed: LogState;
  /** The newest id that is durable. Messages after it are in the tables, but nobody may read them: they might still be lost. */
  #durable: number;
  /** The newest id as of the transaction in progress, and the messages appended in it. */
  #newest: number;
  #new: StoredMessage[] = [];
  /** The number of these that are in the tables. */
  #inserted = 0;
  #isIndexing = false;

  constructor(
    database: DatabaseSync,
    { group, retention, runtime }: {
      readonly group: GroupCommit;
      readonly retention: Retention;
      readonly runtime: Runtime;
    },
  ) {
    this.#group = group;
    this.#runtime = runtime;
    this.#retention = retention;
    this.#sql = prepare(database);
    this.epoch = String(this.#sql.meta.get("epoch")?.value);
    this.#digests = new DraftDigests(String(this.#sql.meta.get("salt")?.value));
    const { words } = this.search = new SqliteSearch(database, {
      ...{ group, runtime },
      jsonOf: (id) => this.#changes.jsonOf(id),
      newest: () => ({ committed: this.#committed.newest, durable: this.#durable }),
    });
    const trimmer = this.#trimmer = new SqliteTrimmer(database, { retention, words });
    this.#index = new SqliteIndex(database);
    this.#changes = new SqliteChanges(database, { trimmer, words });
    // The newest message may have been removed.
    this.#newest = Math.max(trimmer.state.highest, Number(this.#sql.newest.get()?.id));
    this.#committed = this.#state;
    this.#durable = this.#newest;
    words.wake();
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.appendEncoded(
      drafts.map((source) => ({ ...encodeDraft(source, this.#digests), source })),
    );
  }

  appendEncoded(drafts: readonly EncodedDraft[]): Promise<readonly StoredAppend[]> {
    const [draft, ...others] = drafts;
    const isOne = draft !== undefined && others.length === 0;
    return this.#group.write(() => isOne ? [this.#append(draft)] : this.#appendAll(drafts));
  }

  read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const page = this.readStored(topics, after, limit);
    return Promise.resolve({ ...page, messages: page.messages.map(decode) });
  }

  readStored(topics: readonly Topic[], after: number, limit: number): StoredPage {
    const all = topics.flatMap((topic) => this.#index.idsAfter(topic, after, limit + 1));
    const ids = [...new Set(all)].filter((id) => id <= this.#durable)
      .sort((one, other) => one - other);
    return {
      messages: ids.slice(0, limit).flatMap((id) => this.#changes.jsonOf(id) ?? []),
      hasMore: ids.length > limit,
      trimmedUpTo: this.#trimmer.trimmedUpTo(topics, after),
    };
  }

  history(topic: Topic, before: number | undefined, limit: number): Promise<readonly Entry[]> {
    return Promise.resolve(this.historyStored(topic, before, limit).map(decode));
  }

  historyStored(topic: Topic, before: number | undefined, limit: number): readonly string[] {
    const end = Math.min(before ?? Infinity, this.#durable + 1);
    return this.#index.idsBefore(topic, end, limit).flatMap((id) => this.#changes.jsonOf(id) ?? []);
  }

  get(id: number): Promise<Entry | undefined> {
    const json = this.getStored(id);
    return Promise.resolve(json === undefined ? undefined : decode(json));
  }

  getStored(id: number): string | undefined {
    return id <= this.#durable ? this.#changes.jsonOf(id) : undefined;
  }

  newestId(): Promise<number> {
    return Promise.resolve(this.#durable);
  }

  follow(after: number, onAppended: (messages: readonly Entry[]) => void): Promise<Disposable> {
    readAfter(after, { log: this, newest: () => this.#durable, onRead: onAppended });
    const onStored = (stored: readonly StoredMessage[]) =>
      onAppended(stored.map(({ message }) => message));
    return Promise.resolve(this.appended.add(onStored));
  }

  scan(after: number, limit: number): Promise<readonly Entry[]> {
    return Promise.resolve(this.scanStored(after, limit).map(decode));
  }

  scanStored(after: number, limit: number): readonly string[] {
    return this.#sql.messagesAfter.all(after, this.#durable, limit)
      .map(({ message }) => this.#changes.resolve(String(message)));
  }

  async trim(now: number, ids?: readonly number[]): Promise<boolean> {
    const isMore = await this.#group.write(() => {
      this.#writeTables(); // What is removed is found there.
      this.#trimmer.writeSizes();
      const isMore = this.#index.forgetKeys(now, this.#retention.keyAgeMs);
      return this.#trimmer.trim(now, ids) || isMore ||
        ids === undefined && this.search.words.optimizeOne();
    });
    if (!isMore) this.#changes.clean();
    return isMore;
  }

  /** Must be called when anything else was erased: the write-ahead log has it until the next sweep. */
  cleanLater(): void {
    this.#changes.cleanLater();
  }

  /** Must be called at the end of each transaction, in it. */
  beforeCommit(): void {
    this.search.words.beforeCommit();
    const added = this.#new.slice(this.#inserted);
    if (added.length === 0) return;
    this.#inserted = this.#new.length;
    this.#sql.messages.insert(added.map(({ id, at, row }) => [id, at, row]));
    this.#sql.newKeys.insert(
      added.flatMap(({ id, draft: { key } }) =>
        key === undefined ? [] : [[id, key.scope, key.key, key.digest]]
      ),
    );
  }

  /** Must be called after each transaction. Returns what publishes its messages, to be called when they are durable. */
  onCommit(): () => void {
    const appended = this.#new;
    this.#endTransaction(true);
    for (const { draft, id, rowBytes: bytes } of appended) {
      this.#trimmer.count(draft.owner, { id, bytes });
    }
    this.#committed = this.#state;
    if (this.#index.size >= INDEX_BATCH || this.#trimmer.hasMuchToWrite) this.#writeIndex();
    this.search.words.wake();
    const { newest } = this.#committed;
    return () => {
      this.#durable = newest;
      this.#changes.onDurable(newest);
      if (appended.length > 0) this.appended.emit(appended);
    };
  }

  /** Must be called after each transaction that failed. */
  onRollback(): void {
    this.#endTransaction(false);
    this.#restore(this.#committed);
  }

  #endTransaction(isCommitted: boolean): void {
    this.#new = [];
    this.#inserted = 0;
    for (const part of [this.#index, this.search.words, this.#trimmer]) {
      part.onTransactionEnd(isCommitted);
    }
  }

  /** In a transaction of its own, so that no sender waits for it. */
  #writeIndex(): void {
    if (this.#isIndexing) return;
    this.#isIndexing = true;
    this.#group.write(() => {
      if (this.#trimmer.hasMuchToWrite) this.#trimmer.writeSizes();
      this.#writeTables();
    }).catch(ignoreUnavailable)
      .finally(() => this.#isIndexing = false);
  }

  /** Writes the index of all messages, which must be in the tables before it. */
  #writeTables(): void {
    this.beforeCommit();
    this.#index.write();
  }

  /** Appends all drafts or none. */
  #appendAll(drafts: readonly EncodedDraft[]): readonly StoredAppend[] {
    const before = { state: this.#state, length: this.#new.length };
    try {
      return drafts.map((draft) => this.#append(draft));
    } catch (error) {
      this.#restore(before.state);
      this.#new.length = before.length;
      throw error;
    }
  }

  #append(draft: EncodedDraft): StoredAppend {
    const stored = draft.key && this.#findByKey(draft, draft.key);
    if (stored === undefined && draft.repeats) throw notRepeated();
    return stored === undefined
      ? new StoredAppend(this.#insert(draft), false)
      : new StoredAppend(stored, true);
  }

  /** Returns the message that the draft's key produced earlier. Refuses if its content was different. */
  #findByKey(draft: EncodedDraft, { scope, key }: EncodedKey): StoredMessage | undefined {
    const use = this.#index.findKey(scope, key);
    if (use === undefined) return undefined;
    if (!hasDigest(draft, use.digest)) {
      throw new Refused("key_reused", `The key "${key}" was used for another message`);
    }
    const { id, at } = use;
    // It may have been removed from the log. If not, its sender may have had another name.
    const { source: _source, ...stored } = draft;
    const added = this.#new.find((message) => message.id === id);
    return new StoredMessage(stored, { id, at, json: added?.json ?? this.#changes.jsonOf(id) });
  }

  #insert(draft: EncodedDraft): StoredMessage {
    const { channel, owner, key, change } = draft;
    const id = this.#newest + 1;
    const at = this.#runtime.wallNow();
    // What is removed from the index is found in the tables.
    if (change?.erases) this.#writeTables();
    const applied = change && this.#changes.apply(change, { id, at });
    const stored = new StoredMessage(draft, { id, at, ...applied });
    this.#index.add({ id, at, topics: indexKeys(channel, owner), ...(key && { key }) });
    this.#newest = id;
    this.#new.push(stored);
    return stored;
  }

  get #state(): LogState {
    return { newest: this.#newest, unindexed: this.#index.size, trim: this.#trimmer.state };
  }

  #restore({ newest, unindexed, trim }: LogState): void {
    this.#newest = newest;
    this.#changes.onRollback(newest);
    this.#index.cut(unindexed);
    this.#trimmer.state = trim;
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    meta: sql("SELECT value FROM meta WHERE name = ?"),
    newest: sql("SELECT coalesce(max(id), 0) AS id FROM messages"),
    messagesAfter: sql("SELECT message FROM messages WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"),
    messages: new RowInserter(database, "messages", 3),
    newKeys: new RowInserter(database, "new_keys", 4),
  };
}
