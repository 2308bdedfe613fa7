import { Listeners } from "../../base/listeners.ts";
import type { Timer } from "../../base/runtime.ts";
import { isNodeEvent, type NodeEvent } from "../../core/model/node_event.ts";
import type { NodeBus } from "../../core/model/store.ts";
import { fromChunks, toChunks } from "./kv_chunks.ts";
import type { KvDatabase } from "./kv_database.ts";
import { BUS_HEAD, eventsKey, MAX_ID } from "./kv_keys.ts";

/** Delay in ms until collected events are written. */
const WRITE_DELAY = 100;

/** Maximum size of a batch in characters of JSON, roughly. */
const MAX_BATCH_SIZE = 200_000;

/** Maximum size of all events that wait for being written. */
const MAX_WAITING_SIZE = 2_000_000;

/** Time in ms after which batches are removed from the database. */
const EXPIRY = 60_000;

/** A node that is further behind than this number of batches skips older ones. */
const MAX_BEHIND = 500;

/** Number of chunks read at once. */
const READ_SIZE = 100;

/** The stored format: events of one node in the order in which it sent them. */
interface Batch {
  readonly node: string;
  readonly events: readonly unknown[];
}

/**
 * Sends events through a Deno KV database, in batches, with a short delay. Events that cannot be written in time are lost:
 * they would be outdated when the database is available again.
 */
export class KvBus implements NodeBus, AsyncDisposable {
  readonly #database: KvDatabase;
  readonly #listeners = new Listeners<NodeEvent>();
  readonly #node: string;
  /** Events as JSON. An event replaces a waiting one with the same name. */
  readonly #waiting = new Map<string | symbol, string>();
  #waitingSize = 0;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  /** Batches up to this number have been read. */
  #readUpTo: number;
  #isClosed = false;

  constructor(database: KvDatabase, newestBatch: number) {
    this.#database = database;
    this.#node = database.runtime.randomUUID();
    this.#readUpTo = newestBatch;
  }

  broadcast(event: NodeEvent): void {
    this.#listeners.emit(event);
    if (this.#isClosed) return;
    this.#collect(event);
    this.#timer ??= this.#database.runtime.setTimeout(
      () => this.#writing = this.#write(),
      WRITE_DELAY,
    );
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#listeners.add(onEvent);
  }

  /** Reads new batches, if `newestBatch` shows that there are any. */
  refresh(newestBatch: number): Promise<void> {
    const reading = this.#reading.then(() => this.#read(newestBatch));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /** Writes the waiting events first, so that other nodes learn that this one stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#database.runtime.clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
    await this.#reading;
  }

  #collect(event: NodeEvent): void {
    const json = JSON.stringify(event);
    const name = nameOf(event);
    this.#waitingSize += json.length - (this.#waiting.get(name)?.length ?? 0);
    this.#waiting.delete(name);
    this.#waiting.set(name, json);
    for (const [oldest, { length }] of this.#waiting) {
      if (this.#waitingSize <= MAX_WAITING_SIZE) break;
      this.#waiting.delete(oldest);
      this.#waitingSize -= length;
    }
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      const chunks = toChunks(`{"node":"${this.#node}","events":[${this.#nextBatch().join()}]}`);
      await this.#database.retry(() => this.#writeBatch(chunks)).catch(() => {});
    }
    this.#timer = undefined;
  }

  #nextBatch(): readonly string[] {
    const batch: string[] = [];
    let size = 0;
    for (const [name, json] of this.#waiting) {
      if (batch.length > 0 && size + json.length > MAX_BATCH_SIZE) break;
      batch.push(json);
      size += json.length;
      this.#waiting.delete(name);
    }
    this.#waitingSize -= size;
    return batch;
  }

  async #writeBatch(chunks: readonly Uint8Array[]): Promise<string | undefined> {
    const head = await this.#database.get<number>(BUS_HEAD);
    const number = (head.value ?? 0) + 1;
    return await this.#database.commit((operation) => {
      operation.check(head).set(BUS_HEAD, number);
      for (const [n, chunk] of chunks.entries()) {
        operation.set(eventsKey(number, n), chunk, { expireIn: EXPIRY });
      }
    });
  }

  async #read(newestBatch: number): Promise<void> {
    this.#readUpTo = Math.max(this.#readUpTo, newestBatch - MAX_BEHIND);
    while (this.#readUpTo < newestBatch) {
      const start = eventsKey(this.#readUpTo + 1, 0);
      const selector = { start, end: eventsKey(newestBatch, MAX_ID) };
      const entries = await this.#database.list<Uint8Array>(selector, { limit: READ_SIZE });
      const batches = Map.groupBy(entries, ({ key }) => Number(key.at(-2)));
      // The last batch may have more chunks than were read. No batch has as many as are read at once.
      const isFull = entries.length === READ_SIZE;
      if (isFull) batches.delete(Number(entries.at(-1)?.key.at(-2)));
      for (const [number, chunks] of batches) {
        this.#readUpTo = number;
        this.#emit(fromChunks(chunks.map(({ value }) => value)));
      }
      if (!isFull) this.#readUpTo = newestBatch;
    }
  }

  #emit(json: string): void {
    const batch: Batch = JSON.parse(json);
    if (batch.node === this.#node) return;
    for (const event of batch.events) if (isNodeEvent(event)) this.#listeners.emit(event);
  }
}

/** Of events with the same name, only the last one matters. */
function nameOf(event: NodeEvent): string | symbol {
  if (event.type === "tasks") return event.type;
  if (event.type !== "signal") return Symbol();
  const { type, channel, from } = event.signal;
  return `${type} ${channel} ${from.publicToken}`;
}
