import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Number of rows that one statement inserts. */
const ROWS = 16;

/** Inserts rows into a table. Many rows take about a fifth less time than one by one. */
export class RowInserter {
  readonly #one: StatementSync;
  readonly #many: StatementSync;

  constructor(database: DatabaseSync, table: string, columns: number) {
    const row = `(${new Array(columns).fill("?").join()})`;
    this.#one = database.prepare(`INSERT INTO ${table} VALUES ${row}`);
    this.#many = database.prepare(
      `INSERT INTO ${table} VALUES ${new Array(ROWS).fill(row).join()}`,
    );
  }

  insert(rows: readonly (readonly SQLInputValue[])[]): void {
    const single = rows.length % ROWS;
    for (const row of rows.slice(0, single)) this.#one.run(...row);
    for (let n = single; n < rows.length; n += ROWS) {
      this.#many.run(...rows.slice(n, n + ROWS).flat());
    }
  }
}
