import type { NoticeRow } from "./notice_source.ts";

/** The columns that a query may have. */
const COLUMNS = ["key", "recipient", "title", "body", "data"] as const;

/** Number of characters to read of each value: more than is allowed, so that a value that is too long is detected. */
const LENGTHS = { recipient: 300, title: 300, body: 8_200, data: 2 ** 16 + 1 } as const;

/** What differs between the kinds of databases. */
export interface Dialect {
  /** The placeholder of the query's parameter. */
  readonly parameter: string;
  /** The SQL expression for a row's key. */
  readonly key: string;
}

/** The query that is used if no other one is set. */
export function standardQuery(parameter: string): string {
  return `SELECT id AS key, recipient, title, body FROM system_messages WHERE id > ${parameter}`;
}

/** What is wrong with the columns of a query; `undefined` if they are valid. */
export function checkColumns(names: readonly string[]): string | undefined {
  if (!names.includes("key")) return 'the query has no column "key"';
  if (!names.includes("body") && !names.includes("data")) {
    return 'the query has neither a column "body" nor a column "data"';
  }
  // A misspelled "recipient" must not turn a notice for one person into a notice for everyone.
  const invalid = names.find((name, n) => !isColumn(name) || names.indexOf(name) !== n);
  if (invalid === undefined) return undefined;
  return isColumn(invalid)
    ? `the query has two columns "${invalid}"`
    : `the query has a column "${invalid}"; allowed: ${COLUMNS.join(", ")}`;
}

/** Wraps a query so that it can be used as a table. */
export function asTable(query: string): string {
  // The line break ends a comment at the end of the query; a semicolon is not allowed in a subquery.
  return `(\n${query.replace(/[\s;]+$/, "")}\n) AS notices`;
}

/** The SQL for the rows after a key, in the order of the keys, whatever order and condition the query itself has. */
export function pageQuery(query: string, names: readonly string[], dialect: Dialect): string {
  const values = Object.entries(LENGTHS).filter(([name]) => names.includes(name)).map((
    [name, length],
  ) => `substr(CAST(notices.${name} AS text), 1, ${length}) AS ${name}`);
  return select(query, dialect, [`${dialect.key} AS key`, ...values], "ASC");
}

/** The SQL for the keys after a key, the last ones first. */
export function lastKeysQuery(query: string, dialect: Dialect): string {
  return select(query, dialect, [`${dialect.key} AS key`], "DESC");
}

/** Converts a result row of {@linkcode pageQuery}. */
export function rowOf(key: string, values: Readonly<Record<string, unknown>>): NoticeRow {
  const row: { -readonly [K in keyof NoticeRow]: NoticeRow[K] } = { key };
  for (const name of COLUMNS) {
    const value = values[name];
    if (name !== "key" && typeof value === "string") row[name] = value;
  }
  return row;
}

function select(
  query: string,
  dialect: Dialect,
  columns: readonly string[],
  order: "ASC" | "DESC",
): string {
  return `SELECT ${columns.join(", ")} FROM ${asTable(query)}
    WHERE notices.key > ${dialect.parameter} ORDER BY notices.key ${order}`;
}

function isColumn(name: string): boolean {
  return COLUMNS.some((column) => column === name);
}
