import type { NoticeDatabase } from "./notice_database.ts";
import type { NoticeSource } from "./notice_source.ts";
import { SqliteSource } from "./sqlite_source.ts";

/** What is read, and how. */
export interface SourceOptions {
  readonly database: NoticeDatabase;
  readonly query: string | undefined;
  readonly timeLimit: number;
  readonly listen: string | undefined;
  readonly onNews: () => void;
}

/** Makes a source, which has not been checked yet. */
export async function openSource(options: SourceOptions): Promise<NoticeSource> {
  const { database } = options;
  if (database.kind === "sqlite") return new SqliteSource({ ...options, path: database.path });
  // Loaded only where it is needed.
  const { PostgresSource } = await import("./postgres_source.ts");
  return new PostgresSource({ ...options, url: database.url });
}
