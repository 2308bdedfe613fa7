import {
  isConversationsReply,
  isHistoryReply,
  isMessage,
  isNothing,
  isPresenceReply,
  isRoomListReply,
  isSessionReply,
  isTransfer,
} from "../../server/protocol/guards.ts";
import type { Message } from "../../server/protocol/message.ts";
import type {
  ConversationsReply,
  HistoryReply,
  PresenceReply,
  RoomListReply,
  SessionReply,
  Transfer,
} from "../../server/protocol/replies.ts";
import type {
  ConversationRequest,
  EditRequest,
  RenameRequest,
} from "../../server/protocol/requests.ts";
import { type ApiRequest, queryOf } from "./api.ts";
import type { HistoryOptions } from "./client_options.ts";

/** An edit of a message or, without content, its deletion. */
export function change(
  id: number,
  body?: EditRequest,
): ApiRequest<Message | undefined> {
  const path = `api/messages/${id}`;
  return body
    ? { method: "PATCH", path, body, isReply: isMessage }
    : { method: "DELETE", path, isReply: isNothing };
}

/** A reaction to a message or, if `on` is `false`, its removal. */
export function reaction(id: number, emoji: string, on: boolean): ApiRequest<Message> {
  const path = `api/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
  return { method: on ? "PUT" : "DELETE", path, isReply: isMessage };
}

/** A page of the messages of a channel. */
export function history(
  channel: string,
  { before, after, limit, ids, signal }: HistoryOptions,
): ApiRequest<HistoryReply> {
  const query = queryOf({ before, after, limit, ids });
  const path = `api/channels/${encodeURIComponent(channel)}/messages?${query}`;
  return { method: "GET", path, isReply: isHistoryReply, signal };
}

/** A page of the rooms of a pattern. */
export function rooms(pattern: string, before?: number): ApiRequest<RoomListReply> {
  const query = queryOf({ prefix: pattern.slice("room:".length, -1), all: true, before });
  return { method: "GET", path: `api/rooms?${query}`, isReply: isRoomListReply };
}

/** A request, of which some members can be undefined: these are not sent. */
type WithUndefined<T> = { readonly [Name in keyof T]: T[Name] | undefined };

/** Opens a conversation or changes its settings or, without a body, closes it. */
export function conversation(
  channel: string,
  body?: WithUndefined<ConversationRequest>,
): ApiRequest<undefined> {
  const path = `api/conversations/${encodeURIComponent(channel)}`;
  return { method: body ? "PUT" : "DELETE", path, body, isReply: isNothing };
}

/** The readers of a channel. */
export function presence(channel: string): ApiRequest<PresenceReply> {
  const path = `api/channels/${encodeURIComponent(channel)}/presence`;
  return { method: "GET", path, isReply: isPresenceReply };
}

/** The open conversations of the session. */
export function conversations(): ApiRequest<ConversationsReply> {
  return { method: "GET", path: "api/conversations", isReply: isConversationsReply };
}

/** Another display name. */
export function rename(displayName: string): ApiRequest<SessionReply> {
  const body: RenameRequest = { displayName };
  return { method: "PATCH", path: "api/session", body, isReply: isSessionReply };
}

/** A code for another device. */
export function transfer(): ApiRequest<Transfer> {
  return { method: "POST", path: "api/session/transfer", body: {}, isReply: isTransfer };
}
