import type { DatabaseSync } from "node:sqlite";
import {
  boundsOf,
  countSentBefore,
  type Excess,
  excessOf,
  MAX_MARKS,
  type OwnerSize,
  shareOut,
  type Size,
} from "../../core/log/fair_trim.ts";
import {
  decode,
  encode,
  indexKeysOf,
  type Kind,
  kindOf,
  KINDS,
  ownerOf,
  type Topic,
} from "../../core/model/message.ts";
import type { Retention } from "../../core/model/store.ts";
import { TRIM_BATCH, TrimBatch } from "./trim_batch.ts";
import type { WordIndex } from "./word_index.ts";

/** Maximum number of messages that an owner loses at once because of their size. */
const LARGE_BATCH = 20;

/** The values of the column `is_private`. */
const NUMBERS = { rooms: 0, private: 1, changes: 2 } as const satisfies Record<Kind, number>;

/** What a trimmer knows as of a transaction. */
export interface TrimState extends Readonly<Record<Kind, Size>> {
  /** All topics are trimmed up to this id. */
  readonly floor: number;
  /** No topic is trimmed beyond this id. */
  readonly highest: number;
}

/** Maximum number of owners whose sizes are in memory only, and of the messages in them that are counted at the next start. */
const UNCOUNTED = { owners: 2_000, messages: 20_000 } as const;

/**
 * Removes the messages of a SQLite log that exceed its retention. Keeps the size of each owner and the trimmed mark of
 * each topic in tables of their own. New messages are counted in memory first, because they would change a page for each
 * message. Knows nothing about transactions: `SqliteLog` takes and restores its `state`.
 */
export class SqliteTrimmer {
  state: TrimState;
  readonly #retention: Retention;
  readonly #words: WordIndex;
  readonly #sql: ReturnType<typeof prepare>;
  /** How owners have grown since their sizes were written, by how many messages, and the newest of these. */
  readonly #growth = new Map<string, Size & { readonly oldest: number }>();
  #uncounted = 0;
  #newest = 0;
  /** Whether the transaction in progress has written the sizes. */
  #isWritten = false;

  constructor(
    database: DatabaseSync,
    { retention, words }: { readonly retention: Retention; readonly words: WordIndex },
  ) {
    this.#retention = retention;
    this.#words = words;
    this.#sql = prepare(database);
    const sizeOf = (kind: Kind) => sizeIn(this.#sql.total.get(NUMBERS[kind]));
    const floor = Number(this.#sql.floor.get()?.value);
    const highest = Math.max(floor, Number(this.#sql.highest.get()?.up_to));
    this.state = {
      ...{ rooms: sizeOf("rooms"), private: sizeOf("private"), changes: sizeOf("changes") },
      ...{ floor, highest },
    };
    for (const { message } of this.#sql.uncounted.iterate()) {
      const counted = decode(String(message));
      this.count(ownerOf(counted), { id: counted.id, bytes: encode(counted).bytes });
    }
  }

  /** Counts a message of an owner when it is durable. */
  count(owner: string, { id, bytes }: { readonly id: number; readonly bytes: number }): void {
    const growth = this.#growth.get(owner) ?? { oldest: id, messages: 0, bytes: 0 };
    const { oldest, messages } = growth;
    this.#growth.set(owner, { oldest, messages: messages + 1, bytes: growth.bytes + bytes });
    this.#resize(owner, { messages: 1, bytes });
    this.#uncounted++;
    this.#newest = id;
  }

  /** Whether the sizes must be written, so that neither memory nor the next start grow with the number of messages. */
  get hasMuchToWrite(): boolean {
    return this.#growth.size >= UNCOUNTED.owners || this.#uncounted >= UNCOUNTED.messages;
  }

  /** Writes the sizes of owners, in the transaction in progress. Must precede {@linkcode trim}. */
  writeSizes(): void {
    if (this.#isWritten || this.#uncounted === 0) return;
    for (const [owner, { oldest, messages, bytes }] of this.#growth) {
      this.#sql.grow.run(owner, NUMBERS[kindOf(owner)], oldest, messages, bytes);
    }
    this.#sql.setCounted.run(this.#newest);
    this.#isWritten = true;
  }

  /** Adds to the size of a message of an owner, in the transaction in progress. */
  grow(owner: string, bytes: number): void {
    // The message may be one of those that are counted in memory only: the row of its owner must exist.
    this.writeSizes();
    this.#sql.growBytes.run(bytes, owner);
    this.#resize(owner, { messages: 0, bytes });
  }

  /** Removes a message from the size of an owner, in the transaction in progress, after it was removed from its index. */
  remove(owner: string, bytes: number): void {
    this.writeSizes();
    this.#shrink(owner, { messages: 1, bytes });
    this.#resize(owner, { messages: -1, bytes: -bytes });
  }

  /** Adds a message to the size of an owner, in the transaction in progress. */
  add(owner: string, { id, bytes }: { readonly id: number; readonly bytes: number }): void {
    this.writeSizes();
    this.#sql.grow.run(owner, NUMBERS[kindOf(owner)], id, 1, bytes);
    this.#resize(owner, { messages: 1, bytes });
  }

  /** Must be called after each transaction, before its messages are counted. */
  onTransactionEnd(isCommitted: boolean): void {
    if (isCommitted && this.#isWritten) {
      this.#growth.clear();
      this.#uncounted = 0;
    }
    this.#isWritten = false;
  }

  /** The highest id up to which any of `topics` is trimmed; only the floor if no topic is trimmed beyond `after`. */
  trimmedUpTo(topics: readonly Topic[], after: number): number {
    const { floor, highest } = this.state;
    if (after >= highest) return floor;
    return topics.reduce(
      (upTo, topic) => Math.max(upTo, Number(this.#sql.mark.get(topic)?.up_to ?? 0)),
      floor,
    );
  }

  /** Removes a batch of messages, among them those with the `ids`; returns whether there may be more to remove. */
  trim(now: number, ids: readonly number[] = []): boolean {
    const batch = new TrimBatch();
    for (const id of ids) this.#remove(this.#sql.message.get(id), batch);
    for (const row of this.#expired(now)) {
      if (batch.isFull) break;
      this.#remove(row, batch);
    }
    for (const kind of KINDS) this.#trimKind(kind, batch);
    if (batch.removed === 0) return false;
    for (const [owner, size] of batch.owners) this.#shrink(owner, size);
    for (const [topic, upTo] of batch.topics) this.#sql.setMark.run(topic, upTo);
    const highest = Math.max(this.state.highest, ...batch.topics.values());
    this.state = { ...this.state, highest };
    this.#forgetMarks();
    return batch.isFull || KINDS.some((kind) => this.#excessOf(kind) !== undefined);
  }

  /** The oldest messages that are too old to stay. */
  #expired(now: number): readonly Row[] {
    const time = now - this.#retention.maxAgeMs;
    const first = Number(this.#sql.oldest.get(1)?.at);
    if (time <= 0 || first >= time && first <= now) return [];
    const rows = this.#sql.oldest.all(TRIM_BATCH);
    const times = rows.map(({ at }) => Number(at));
    return rows.slice(0, countSentBefore(time, { times, now }));
  }

  #trimKind(kind: Kind, batch: TrimBatch): void {
    const excess = this.#excessOf(kind);
    const left = TRIM_BATCH - batch.removed;
    if (excess === undefined || batch.isFull) return;
    const { unit } = excess;
    const amount = unit === "messages" ? Math.min(excess.amount, left) : excess.amount;
    for (const cut of shareOut(this.#largest(kind, unit), { unit, amount }, left)) {
      const limit = unit === "messages" ? cut.amount : LARGE_BATCH;
      let missing = cut.amount;
      for (const row of this.#sql.oldestOf.all(cut.owner, limit)) {
        if (missing <= 0 || batch.isFull) break;
        missing -= unit === "messages" ? 1 : Number(row.bytes);
        this.#remove(row, batch);
      }
    }
  }

  #excessOf(kind: Kind): Excess | undefined {
    return excessOf(this.state[kind], boundsOf(this.#retention, kind));
  }

  *#largest(kind: Kind, unit: Excess["unit"]): Generator<OwnerSize> {
    const query = unit === "messages" ? this.#sql.byMessages : this.#sql.byBytes;
    for (const row of query.iterate(NUMBERS[kind])) {
      yield { owner: String(row.channel), ...sizeIn(row) };
    }
  }

  /** Removes a message, given as a row of its table. */
  #remove(row: Row | undefined, batch: TrimBatch): void {
    if (row === undefined) return;
    const message = decode(String(row.message));
    const { bytes } = encode(message);
    this.#sql.remove.run(message.id);
    this.#words.remove(message);
    for (const key of indexKeysOf(message)) this.#sql.removeTopic.run(key, message.id);
    this.#resize(ownerOf(message), { messages: -1, bytes: -bytes });
    batch.add(message, bytes);
  }

  #shrink(owner: Topic, { messages, bytes }: Size): void {
    this.#sql.shrink.run(messages, bytes, owner, owner);
    this.#sql.removeOwner.run(owner);
  }

  #resize(owner: Topic, { messages, bytes }: Size): void {
    const kind = kindOf(owner);
    const before = this.state[kind];
    const size = { messages: before.messages + messages, bytes: before.bytes + bytes };
    this.state = { ...this.state, [kind]: size };
  }

  #forgetMarks(): void {
    const surplus = this.#sql.surplusMark.get(MAX_MARKS);
    if (surplus === undefined) return;
    const floor = Math.max(this.state.floor, Number(surplus.up_to));
    this.#sql.removeMarks.run(floor);
    this.#sql.setFloor.run(floor);
    this.state = { ...this.state, floor };
  }
}

type Row = Readonly<Record<string, unknown>>;

function sizeIn(row: Row | undefined): Size {
  return { messages: Number(row?.messages), bytes: Number(row?.bytes) };
}

// The column `channel` holds owners.
function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    floor: sql("SELECT value FROM meta WHERE name = 'trimmed'"),
    setFloor: sql("UPDATE meta SET value = ? WHERE name = 'trimmed'"),
    highest: sql("SELECT coalesce(max(up_to), 0) AS up_to FROM trimmed"),
    uncounted: sql(`
      SELECT message FROM messages
      WHERE id > (SELECT value FROM meta WHERE name = 'counted') ORDER BY id`),
    setCounted: sql("UPDATE meta SET value = ? WHERE name = 'counted'"),
    mark: sql("SELECT up_to FROM trimmed WHERE topic = ?"),
    // Ids only grow, but a message that was kept longer can be removed after a younger one.
    setMark: sql(`
      INSERT INTO trimmed VALUES (?, ?)
      ON CONFLICT DO UPDATE SET up_to = max(up_to, excluded.up_to)`),
    surplusMark: sql("SELECT up_to FROM trimmed ORDER BY up_to DESC LIMIT 1 OFFSET ?"),
    removeMarks: sql("DELETE FROM trimmed WHERE up_to <= ?"),
    total: sql(`
      SELECT coalesce(sum(messages), 0) AS messages, coalesce(sum(bytes), 0) AS bytes
      FROM channels WHERE is_private = ?`),
    grow: sql(`
      INSERT INTO channels (channel, is_private, oldest, messages, bytes) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE
      SET messages = messages + excluded.messages, bytes = bytes + excluded.bytes`),
    growBytes: sql("UPDATE channels SET bytes = bytes + ? WHERE channel = ?"),
    shrink: sql(`
      UPDATE channels SET messages = messages - ?, bytes = bytes - ?,
        oldest = coalesce((SELECT min(id) FROM filings WHERE topic = ?), 0)
      WHERE channel = ?`),
    removeOwner: sql("DELETE FROM channels WHERE channel = ? AND oldest = 0"),
    byMessages: sql(`
      SELECT channel, messages, bytes FROM channels
      WHERE is_private = ? ORDER BY messages DESC, oldest`),
    byBytes: sql(`
      SELECT channel, messages, bytes FROM channels
      WHERE is_private = ? ORDER BY bytes DESC, oldest`),
    oldest: sql("SELECT at, message FROM messages ORDER BY id LIMIT ?"),
    message: sql("SELECT message FROM messages WHERE id = ?"),
    oldestOf: sql(`
      SELECT message, octet_length(message) AS bytes FROM filings JOIN messages USING (id)
      WHERE topic = ? ORDER BY id LIMIT ?`),
    remove: sql("DELETE FROM messages WHERE id = ?"),
    removeTopic: sql("DELETE FROM filings WHERE topic = ? AND id = ?"),
  };
}
