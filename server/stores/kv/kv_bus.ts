import { isNodeEvent, type NodeEvent } from "../../core/model/node_event.ts";
import type { NodeBus } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import { BUS_HEAD, eventKey, MAX_ID } from "./kv_keys.ts";
import { LocalBus } from "../local_bus.ts";
import { fromChunks, toChunks } from "./kv_chunks.ts";

/** Events are gathered for so long (ms): so seldom at most does a node write them. */
const GATHERING = 100;

/** A batch has about so many characters of JSON at most; so much may wait for the next ones. */
const BATCH = 200_000;
const WAITING = 2_000_000;

/** Events are kept for so long (ms) for the nodes that read them. */
const KEPT = 60_000;

/** A node that is this many batches behind skips the older ones. */
const BEHIND = 500;

/** So many parts of batches are read at once. */
const PAGE = 100;

/** What lies in the database: the events of one node, as it told them. */
interface Batch {
  readonly node: string;
  readonly events: readonly unknown[];
}

/** Carries events over a Deno KV database: in batches, each a moment late. What cannot be written in time is lost. */
export class KvBus implements NodeBus, AsyncDisposable {
  readonly #database: KvDatabase;
  readonly #local = new LocalBus();
  readonly #node = crypto.randomUUID();
  /** As JSON, by what makes an older event of the same kind worth nothing. */
  readonly #waiting = new Map<string | symbol, string>();
  #waitingSize = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  /** Every batch up to this number was heard. */
  #place: number;
  #isClosed = false;

  constructor(database: KvDatabase, newest: number) {
    this.#database = database;
    this.#place = newest;
  }

  broadcast(event: NodeEvent): void {
    this.#local.broadcast(event);
    if (this.#isClosed) return;
    this.#keep(event);
    this.#timer ??= setTimeout(() => this.#writing = this.#write(), GATHERING);
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#local.listen(onEvent);
  }

  /** The newest batch is said to have this number: reads those that were not heard. */
  refresh(newest: number): Promise<void> {
    const reading = this.#reading.then(() => this.#readUpTo(newest));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /** Writes what waits, so that the others hear what a node says at its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
    await this.#reading;
  }

  #keep(event: NodeEvent): void {
    const json = JSON.stringify(event);
    const name = nameOf(event);
    this.#waitingSize += json.length - (this.#waiting.get(name)?.length ?? 0);
    this.#waiting.delete(name);
    this.#waiting.set(name, json);
    for (const [oldest, { length }] of this.#waiting) {
      if (this.#waitingSize <= WAITING) break;
      this.#waiting.delete(oldest);
      this.#waitingSize -= length;
    }
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      const parts = toChunks(`{"node":"${this.#node}","events":[${this.#nextBatch().join()}]}`);
      // What the database cannot take now is lost: by the time that it can, the events are old.
      await this.#database.retry(() => this.#writeBatch(parts)).catch(() => {});
    }
    this.#timer = undefined;
  }

  #nextBatch(): readonly string[] {
    const batch: string[] = [];
    let size = 0;
    for (const [name, json] of this.#waiting) {
      if (batch.length > 0 && size + json.length > BATCH) break;
      batch.push(json);
      size += json.length;
      this.#waiting.delete(name);
    }
    this.#waitingSize -= size;
    return batch;
  }

  async #writeBatch(parts: readonly Uint8Array[]): Promise<string | undefined> {
    const head = await this.#database.get<number>(BUS_HEAD);
    const number = (head.value ?? 0) + 1;
    return await this.#database.commit((operation) => {
      operation.check(head).set(BUS_HEAD, number);
      for (const [part, bytes] of parts.entries()) {
        operation.set(eventKey(number, part), bytes, { expireIn: KEPT });
      }
    });
  }

  async #readUpTo(newest: number): Promise<void> {
    this.#place = Math.max(this.#place, newest - BEHIND);
    while (this.#place < newest) {
      const selector = { start: eventKey(this.#place + 1, 0), end: eventKey(newest, MAX_ID) };
      const entries = await this.#database.list<Uint8Array>(selector, { limit: PAGE });
      const batches = Map.groupBy(entries, ({ key }) => Number(key.at(-2)));
      // The last batch of a full page may have more parts; no batch fills a page.
      const isFull = entries.length === PAGE;
      if (isFull) batches.delete(Number(entries.at(-1)?.key.at(-2)));
      for (const [number, parts] of batches) {
        this.#place = number;
        this.#hear(fromChunks(parts.map(({ value }) => value)));
      }
      if (!isFull) this.#place = newest;
    }
  }

  #hear(json: string): void {
    const batch: Batch = JSON.parse(json);
    if (batch.node === this.#node) return;
    for (const event of batch.events) if (isNodeEvent(event)) this.#local.broadcast(event);
  }
}

/** Events with the same name say the same, the later one better. */
function nameOf(event: NodeEvent): string | symbol {
  if (event.type === "tasks") return event.type;
  if (event.type !== "signal") return Symbol();
  const { type, channel, from } = event.signal;
  return `${type} ${channel} ${from.publicToken}`;
}
