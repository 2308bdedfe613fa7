import { assertEquals } from "@std/assert";
import type { SearchReply } from "../../server/protocol/replies.ts";
import type { TestUser } from "./chat.ts";

type Query = Readonly<Record<string, string | number>>;

export function searchRequest(user: TestUser, query: Query): Promise<Response> {
  const search = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
  return user.request("GET", `/api/search?${search}`);
}

/** A page of what is found. */
export async function search(
  user: TestUser,
  query: Query,
): Promise<SearchReply> {
  const response = await searchRequest(user, query);
  assertEquals(response.status, 200);
  return await response.json();
}

/** The texts of what is found on all pages. */
export async function found(user: TestUser, q: string, query: Query = {}) {
  const texts: string[] = [];
  let before: number | undefined;
  do {
    const page = await search(user, { ...query, q, ...(before !== undefined && { before }) });
    texts.push(...page.hits.map(({ message: { text = "" } }) => text));
    before = page.before;
  } while (before !== undefined);
  return texts;
}
