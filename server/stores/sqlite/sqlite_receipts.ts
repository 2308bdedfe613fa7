import type { DatabaseSync } from "node:sqlite";
import type { Receipt, ReceiptStore } from "../../core/model/store.ts";
import type { GroupCommit } from "./group_commit.ts";

/** Maximum number of receipts that are removed at once. */
const BATCH_SIZE = 500;

/** The receipts of a SQLite store. */
export class SqliteReceipts implements ReceiptStore {
  readonly #group: GroupCommit;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync, group: GroupCommit) {
    this.#group = group;
    this.#sql = prepare(database);
  }

  async add(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    await this.#group.write(() => {
      for (const { publicToken, channel, tab, kind, after, upTo, at } of receipts) {
        this.#sql.add.run(publicToken, channel, tab, kind, after, upTo, at);
      }
    });
  }

  find(publicToken: string, channel: string, id: number): Promise<readonly Receipt[]> {
    return Promise.resolve(this.#sql.find.all(publicToken, id, id, channel).map(receiptOf));
  }

  removeBefore(time: number): Promise<boolean> {
    return this.#group.write(() =>
      this.#sql.removeBefore.run(BATCH_SIZE, time).changes === BATCH_SIZE
    );
  }
}

function receiptOf(row: Record<string, unknown>): Receipt {
  return {
    kind: row.kind === "seen" ? "seen" : "delivered",
    publicToken: String(row.public_token),
    channel: String(row.channel),
    tab: String(row.tab),
    after: Number(row.after),
    upTo: Number(row.up_to),
    at: Number(row.at),
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    add: sql(`
      INSERT INTO receipts (public_token, channel, tab, kind, after, up_to, at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    find: sql(`
      SELECT * FROM receipts
      WHERE public_token = ? AND up_to >= ? AND after < ? AND channel IN ('', ?) ORDER BY number`),
    removeBefore: sql(`
      DELETE FROM receipts
      WHERE number IN (SELECT number FROM receipts ORDER BY number LIMIT ?) AND at < ?`),
  };
}
