import type { NoticeRow } from "./notice_source.ts";

/** What the columns of a query may be called. */
const COLUMNS = ["key", "recipient", "title", "body", "data"] as const;

/** So many characters of each are read: more than a message may have, so that what is too long is still seen to be. */
const LENGTHS = { recipient: 300, title: 300, body: 8_200, data: 2 ** 16 + 1 } as const;

/** How a query is asked in one kind of database. */
export interface Dialect {
  /** How it writes the query's one parameter. */
  readonly parameter: string;
  /** An expression for the key of a row as it is given to us. */
  readonly key: string;
}

/** The query that is asked when nobody has set one. */
export function standardQuery(parameter: string): string {
  return `SELECT id AS key, recipient, title, body FROM system_messages WHERE id > ${parameter}`;
}

/** What is wrong with a query that has these columns; `undefined` where nothing is. */
export function columnFault(names: readonly string[]): string | undefined {
  if (!names.includes("key")) return 'the query has no column "key"';
  if (!names.includes("body") && !names.includes("data")) {
    return 'the query has neither a column "body" nor a column "data"';
  }
  // One that is misspelt must not make a notice for one person a notice for everyone.
  const odd = names.find((name, n) => !isColumn(name) || names.indexOf(name) !== n);
  if (odd === undefined) return undefined;
  return isColumn(odd)
    ? `the query has two columns "${odd}"`
    : `the query has a column "${odd}"; it may have ${COLUMNS.join(", ")}`;
}

/** Asks for all columns, as they are. */
export function asTable(query: string): string {
  // A line break, since the query may end with a comment; no semicolon, since it stands within another.
  return `(\n${query.replace(/[\s;]+$/, "")}\n) AS notices`;
}

/** The SQL for some rows after a key: values as texts, and whatever the query says, only later ones, and in order. */
export function pageQuery(query: string, names: readonly string[], dialect: Dialect): string {
  const values = Object.entries(LENGTHS).filter(([name]) => names.includes(name)).map((
    [name, length],
  ) => `substr(CAST(notices.${name} AS text), 1, ${length}) AS ${name}`);
  return select(query, dialect, [`${dialect.key} AS key`, ...values], "ASC");
}

/** The SQL for the last keys after a key. */
export function lastKeysQuery(query: string, dialect: Dialect): string {
  return select(query, dialect, [`${dialect.key} AS key`], "DESC");
}

/** Reads a row that {@linkcode pageQuery} gave. */
export function rowOf(key: string, values: Readonly<Record<string, unknown>>): NoticeRow {
  const row: { -readonly [K in keyof NoticeRow]: NoticeRow[K] } = { key };
  for (const name of COLUMNS) {
    const value = values[name];
    if (name !== "key" && typeof value === "string") row[name] = value;
  }
  return row;
}

function select(query: string, dialect: Dialect, what: readonly string[], order: "ASC" | "DESC") {
  return `SELECT ${what.join(", ")} FROM ${asTable(query)}
    WHERE notices.key > ${dialect.parameter} ORDER BY notices.key ${order}`;
}

function isColumn(name: string): boolean {
  return COLUMNS.some((column) => column === name);
}
