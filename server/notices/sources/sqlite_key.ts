/** A value that SQLite can compare with others: integers as `bigint`, reals as `number`. */
export type SqliteKey = bigint | number | string;

/** Writes a key so that its type is known again: a text stands in quotes. `undefined` for what cannot be a key. */
export function formatKey(value: unknown): string | undefined {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "bigint" || typeof value === "number" ? String(value) : undefined;
}

/** Reads what {@linkcode formatKey} wrote. */
export function parseKey(key: string): SqliteKey {
  if (key.startsWith('"')) return String(JSON.parse(key));
  return /^-?\d+$/.test(key) ? BigInt(key) : Number(key);
}

/** A key before all others of a column of that declared type. */
export function firstKey(type: string | null): SqliteKey {
  // Numbers come before texts, but a column that turns them into texts would compare their digits.
  // https://sqlite.org/datatype3.html#determination_of_column_affinity
  const isText = type !== null && !/INT/i.test(type) && /CHAR|CLOB|TEXT/i.test(type);
  return isText ? "" : -(2n ** 63n);
}
