import { basename } from "node:path";
import { postgresUrl } from "./postgres_address.ts";

/** The database that contains the rows. */
export type NoticeDatabase =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/** The name of a database in messages: without user and password. */
export function sourceName(database: NoticeDatabase): string {
  if (database.kind === "sqlite") return `sqlite:${database.path}`;
  const { host, pathname } = postgresUrl(database.url);
  return `postgres://${host}${pathname}`;
}

/** The name of the checkpoint in the key-value store. It stays the same when the database moves to another host or folder. */
export function checkpointName(database: NoticeDatabase): string {
  if (database.kind === "sqlite") return `notices sqlite ${basename(database.path)}`;
  const { pathname, searchParams } = postgresUrl(database.url);
  return `notices postgres ${pathname.slice(1) || (searchParams.get("dbname") ?? "")}`;
}
