import { basename } from "node:path";

/** In which database notices are. */
export type NoticeDatabase =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/** How a database is called in messages: without the user and the password. */
export function sourceName(database: NoticeDatabase): string {
  if (database.kind === "sqlite") return `sqlite:${database.path}`;
  const { host, pathname } = new URL(database.url);
  return `postgres://${host}${pathname}`;
}

/** Under which name a store keeps the place reached in it: a database that was moved keeps its place. */
export function placeName(database: NoticeDatabase): string {
  return database.kind === "sqlite"
    ? `notices sqlite ${basename(database.path)}`
    : `notices postgres ${new URL(database.url).pathname.slice(1)}`;
}
