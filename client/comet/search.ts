import { isFirstReply, isSearchReply } from "../../server/protocol/guards.ts";
import type { Message } from "../../server/protocol/message.ts";
import type { SearchReply } from "../../server/protocol/replies.ts";
import { queryOf } from "./api.ts";
import type { CometClient } from "./comet_client.ts";

/** Limits a search. Times are Unix times in ms. */
export interface SearchOptions {
  /** Only messages of this channel; by default, of all that may be read. */
  readonly channel?: string | undefined;
  /** Only messages of the person with this public token. */
  readonly from?: string | undefined;
  /** Only messages from this time on. */
  readonly since?: number | undefined;
  /** Only messages before this time. */
  readonly until?: number | undefined;
  /** `before` of the last page, to continue the search. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@linkcode firstMessage} looks for. */
export interface FirstOptions {
  /** A Unix time in ms; by default, the start of the channel. */
  readonly since?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Client = Pick<CometClient, "request">;

/** Finds messages by their words, newest first: a page of them. Throws what requests throw. */
export function searchMessages(
  client: Client,
  q: string,
  { signal, ...options }: SearchOptions = {},
): Promise<SearchReply> {
  const path = `api/search?${queryOf({ q, ...options })}`;
  return client.request({ method: "GET", path, isReply: isSearchReply, signal });
}

/** The first message of a channel, or the first one from a time on, if there is one. Throws what requests throw. */
export async function firstMessage(
  client: Client,
  channel: string,
  { since, signal }: FirstOptions = {},
): Promise<Message | undefined> {
  const path = `api/channels/${encodeURIComponent(channel)}/first?${queryOf({ since })}`;
  const reply = await client.request({ method: "GET", path, isReply: isFirstReply, signal });
  return reply.message;
}
