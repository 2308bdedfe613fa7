// The worker of SqliteQueries.
import { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../../base/error_message.ts";
import type { SqliteAnswer, SqliteQuery, SqliteResult } from "./sqlite_queries.ts";

self.addEventListener("message", ({ data }: MessageEvent<SqliteQuery>) => {
  self.postMessage(answer(data));
});

function answer(query: SqliteQuery): SqliteAnswer {
  try {
    return execute(query);
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
    return { error: errorMessage(error), code: code || 0 };
  }
}

/** Opens the file for each query: it may have been replaced, and an open file could block its application. */
function execute({ path, busyTimeoutMs, sql, parameters }: SqliteQuery): SqliteResult {
  using database = new DatabaseSync(path, { readOnly: true });
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return {
    columns: statement.columns().map(({ name, type }) => ({ name, type })),
    rows: statement.all(...parameters),
  };
}
