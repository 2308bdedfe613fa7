/** A key that SQLite can compare with others: an integer (`bigint`), a real (`number`) or a text. */
export type SqliteKey = bigint | number | string;

/** Formats a key with its type: a text is quoted. Returns `undefined` for other values. */
export function formatKey(value: unknown): string | undefined {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "bigint" || typeof value === "number" ? String(value) : undefined;
}

/** Parses the result of {@linkcode formatKey}. */
export function parseKey(key: string): SqliteKey {
  if (key.startsWith('"')) return String(JSON.parse(key));
  return /^-?\d+$/.test(key) ? BigInt(key) : Number(key);
}

/** A key that comes before all others in a column of the declared type. */
export function firstKey(type: string | null): SqliteKey {
  // Numbers come before texts. But a text column would convert the number to a text.
  // https://sqlite.org/datatype3.html#determination_of_column_affinity
  const isText = type !== null && !/INT/i.test(type) && /CHAR|CLOB|TEXT/i.test(type);
  return isText ? "" : -(2n ** 63n);
}
