import type { NoticeDatabase } from "./notice_database.ts";
import type { NoticeSource } from "./notice_source.ts";
import { SqliteSource } from "./sqlite_source.ts";

/** What to read, and how. */
export interface SourceOptions {
  readonly database: NoticeDatabase;
  /** The query to read; `undefined` for the table `system_messages`. */
  readonly query: string | undefined;
  /** Maximum duration of a query. */
  readonly timeoutMs: number;
  /** The PostgreSQL channel that announces new rows. */
  readonly listen: string | undefined;
  /** Called when there may be new rows. */
  readonly onNotify: () => void;
}

/** Creates a source. Call its `check` before anything else. */
export async function openSource(options: SourceOptions): Promise<NoticeSource> {
  const { database } = options;
  if (database.kind === "sqlite") return new SqliteSource({ ...options, path: database.path });
  // Loads the PostgreSQL client only if it is needed.
  const { PostgresSource } = await import("./postgres_source.ts");
  return new PostgresSource({ ...options, url: database.url });
}
