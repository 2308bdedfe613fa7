import type { Receipt, ReceiptStore } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import {
  MAX_ID,
  receiptKey,
  RECEIPTS_BY_TIME,
  receiptsPrefix,
  receiptTimeKey,
  type Unique,
} from "./kv_keys.ts";

/** So many receipts are added, or removed, in one commit: each needs two mutations. */
const STEP = 400;

/** So many of a session's receipts are looked through for one message. */
const LOOKED_AT = 5_000;

/** The receipts in a Deno KV database. */
export class KvReceipts implements ReceiptStore {
  readonly #database: KvDatabase;
  readonly #node = crypto.randomUUID();
  #count = 0;

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  async add(receipts: readonly Receipt[]): Promise<void> {
    for (let start = 0; start < receipts.length; start += STEP) {
      const some = receipts.slice(start, start + STEP);
      await this.#database.commit((operation) => {
        for (const receipt of some) {
          const { publicToken, upTo, at } = receipt;
          const unique: Unique = [++this.#count, this.#node];
          operation.set(receiptKey(publicToken, upTo, at, unique), receipt);
          operation.set(receiptTimeKey(at, publicToken, upTo, unique), true);
        }
      });
    }
  }

  async find(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]> {
    const prefix = receiptsPrefix(publicToken);
    const selector = { start: [...prefix, id], end: [...prefix, MAX_ID] };
    const entries = await this.#database.list<Receipt>(selector, { limit: LOOKED_AT });
    return entries
      .filter(({ value }) => value.after < id && ["", channel].includes(value.channel))
      .sort((one, other) => one.value.at - other.value.at || orderOf(one) - orderOf(other))
      .map(({ value }) => value);
  }

  async removeBefore(time: number): Promise<boolean> {
    const selector = { prefix: RECEIPTS_BY_TIME, end: [...RECEIPTS_BY_TIME, time] };
    const old = await this.#database.list<true>(selector, { limit: STEP });
    if (old.length === 0) return false;
    await this.#database.commit((operation) => {
      for (const { key } of old) {
        const [at, publicToken, upTo, ...unique] = key.slice(RECEIPTS_BY_TIME.length);
        operation.delete(key);
        operation.delete([
          ...receiptsPrefix(String(publicToken)),
          Number(upTo),
          Number(at),
          ...unique,
        ]);
      }
    });
    return old.length === STEP;
  }
}

/** Which of the receipts of one process came first. */
function orderOf({ key }: Deno.KvEntry<Receipt>): number {
  return Number(key.at(-2));
}
