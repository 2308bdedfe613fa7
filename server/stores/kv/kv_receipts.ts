import type { Receipt, ReceiptStore } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import {
  MAX_ID,
  receiptKey,
  RECEIPTS_BY_TIME,
  receiptsPrefix,
  type ReceiptSuffix,
  receiptTimeKey,
} from "./kv_keys.ts";

/** Maximum number of receipts that are added or removed in one commit; each needs two mutations. */
const BATCH_SIZE = 400;

/** Maximum number of a session's receipts that are searched for one message. */
const MAX_SEARCHED = 5_000;

/** The receipts in a Deno KV database. */
export class KvReceipts implements ReceiptStore {
  readonly #database: KvDatabase;
  readonly #node: string;
  #count = 0;

  constructor(database: KvDatabase) {
    this.#database = database;
    this.#node = database.runtime.randomUUID();
  }

  async add(receipts: readonly Receipt[]): Promise<void> {
    for (let start = 0; start < receipts.length; start += BATCH_SIZE) {
      const batch = receipts.slice(start, start + BATCH_SIZE);
      await this.#database.commit((operation) => {
        for (const receipt of batch) {
          const { publicToken, upTo, at } = receipt;
          const suffix: ReceiptSuffix = [++this.#count, this.#node];
          operation.set(receiptKey(publicToken, upTo, at, suffix), receipt);
          operation.set(receiptTimeKey(at, publicToken, upTo, suffix), true);
        }
      });
    }
  }

  async find(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]> {
    const prefix = receiptsPrefix(publicToken);
    const selector = { start: [...prefix, id], end: [...prefix, MAX_ID] };
    const entries = await this.#database.list<Receipt>(selector, { limit: MAX_SEARCHED });
    return inOrder(
      entries.filter(({ value }) => value.after < id && ["", channel].includes(value.channel)),
    );
  }

  async list(publicToken: string): Promise<readonly Receipt[]> {
    const found: Deno.KvEntry<Receipt>[] = [];
    for await (const batch of this.#batches(publicToken)) found.push(...batch);
    return inOrder(found);
  }

  async remove(publicToken: string, channel?: string): Promise<void> {
    for await (const batch of this.#batches(publicToken)) {
      const removed = batch.filter(({ value }) =>
        channel === undefined || value.channel === channel
      );
      await this.#database.commit((operation) => {
        for (const { key, value } of removed) {
          const [count, node] = key.slice(-2);
          const suffix: ReceiptSuffix = [Number(count), String(node)];
          operation.delete(key).delete(receiptTimeKey(value.at, publicToken, value.upTo, suffix));
        }
      });
    }
  }

  async removeBefore(time: number): Promise<boolean> {
    const selector = { prefix: RECEIPTS_BY_TIME, end: [...RECEIPTS_BY_TIME, time] };
    const old = await this.#database.list<true>(selector, { limit: BATCH_SIZE });
    if (old.length === 0) return false;
    await this.#database.commit((operation) => {
      for (const { key } of old) {
        const [at, publicToken, upTo, ...suffix] = key.slice(RECEIPTS_BY_TIME.length);
        const prefix = receiptsPrefix(String(publicToken));
        operation.delete(key).delete([...prefix, Number(upTo), Number(at), ...suffix]);
      }
    });
    return old.length === BATCH_SIZE;
  }

  /** The receipts of a session. Those of a batch can be removed before the next one is read. */
  async *#batches(publicToken: string): AsyncGenerator<readonly Deno.KvEntry<Receipt>[]> {
    const prefix = receiptsPrefix(publicToken);
    let start: Deno.KvKey = prefix;
    while (true) {
      const batch = await this.#database.list<Receipt>(
        { start, end: [...prefix, MAX_ID] },
        { limit: BATCH_SIZE },
      );
      const last = batch.at(-1);
      if (last === undefined) return;
      yield batch;
      start = [...last.key, true];
    }
  }
}

/** Receipts in the order in which they were added. */
function inOrder(entries: readonly Deno.KvEntry<Receipt>[]): readonly Receipt[] {
  return entries
    .toSorted((one, other) => one.value.at - other.value.at || countOf(one) - countOf(other))
    .map(({ value }) => value);
}

/** Orders receipts of one process that have the same time. */
function countOf({ key }: Deno.KvEntry<Receipt>): number {
  return Number(key.at(-2));
}
