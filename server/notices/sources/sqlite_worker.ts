// Runs in a thread of its own: SQLite waits for other programs' locks, and cannot be interrupted.
import { errorMessage } from "../../base/error_message.ts";
import { DatabaseSync } from "node:sqlite";
import type { Answer, Question } from "./sqlite_queries.ts";

self.addEventListener("message", ({ data }: MessageEvent<Question>) => {
  self.postMessage(answer(data));
});

function answer(question: Question): Answer {
  try {
    return ask(question);
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
    return { error: errorMessage(error), code: code || 0 };
  }
}

/** The file is opened each time: it may have been replaced, and nobody else should ever have to wait for us. */
function ask({ path, patience, sql, parameters }: Question): Answer {
  using database = new DatabaseSync(path, { readOnly: true });
  database.exec(`PRAGMA busy_timeout = ${patience}`);
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return {
    columns: statement.columns().map(({ name, type }) => ({ name, type })),
    rows: statement.all(...parameters),
  };
}
