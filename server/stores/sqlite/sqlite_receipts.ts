import type { DatabaseSync } from "node:sqlite";
import type { Receipt, ReceiptStore } from "../../core/model/store.ts";
import type { GroupCommit } from "./group_commit.ts";

/** Maximum number of receipts that are removed at once. */
const BATCH_SIZE = 500;

/** The receipts of a SQLite store. */
export class SqliteReceipts implements ReceiptStore {
  readonly #group: GroupCommit;
  readonly #sql: ReturnType<typeof prepare>;

  readonly #onErased: () => void;

  /** `onErased` is called when receipts were removed that must not be left in any file. */
  constructor(database: DatabaseSync, group: GroupCommit, onErased: () => void) {
    this.#onErased = onErased;
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

  list(publicToken: string): Promise<readonly Receipt[]> {
    return Promise.resolve(this.#sql.list.all(publicToken).map(receiptOf));
  }

  async remove(publicToken: string, channel?: string): Promise<void> {
    await this.#group.write(() => {
      if (channel === undefined) this.#sql.remove.run(publicToken);
      else this.#sql.removeIn.run(publicToken, channel);
    });
    this.#onErased();
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
    list: sql("SELECT * FROM receipts WHERE public_token = ? ORDER BY number"),
    remove: sql("DELETE FROM receipts WHERE public_token = ?"),
    removeIn: sql("DELETE FROM receipts WHERE public_token = ? AND channel = ?"),
    removeBefore: sql(`
      DELETE FROM receipts
      WHERE number IN (SELECT number FROM receipts ORDER BY number LIMIT ?) AND at < ?`),
  };
}
