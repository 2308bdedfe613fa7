/**
 * Type guards for replies. They check only what clients rely on, so that a newer server can add to its replies.
 *
 * @module
 */

import type { Change, Message, MessageFile, Person } from "./message.ts";
import type {
  ActiveRoom,
  Conversation,
  ConversationsReply,
  FirstReply,
  HistoryReply,
  PollReply,
  PresenceReply,
  RefusedChannel,
  RoomListReply,
  RoomsReply,
  RoomSummary,
  SearchHit,
  SearchReply,
  SessionReply,
  SignedIn,
  TextRange,
  Transfer,
} from "./replies.ts";
import type { Signal } from "./signal.ts";

/** Whether a value has the type `T`. */
export type Guard<T> = (value: unknown) => value is T;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isPerson(value: unknown): value is Person {
  return isRecord(value) && typeof value.publicToken === "string" &&
    typeof value.displayName === "string";
}

export function isSessionReply(value: unknown): value is SessionReply {
  if (!isPerson(value) || !("settings" in value) || !isRecord(value.settings)) return false;
  const { keyAge, textBytes, hold, home } = value.settings;
  return typeof keyAge === "number" && typeof textBytes === "number" && typeof hold === "number" &&
    (home === undefined || typeof home === "string");
}

export function isSignedIn(value: unknown): value is SignedIn {
  return isSessionReply(value) && "privateToken" in value && typeof value.privateToken === "string";
}

export function isTransfer(value: unknown): value is Transfer {
  return isRecord(value) && typeof value.code === "string" && typeof value.expires === "number";
}

export function isMessage(value: unknown): value is Message {
  return isRecord(value) && typeof value.id === "number" && typeof value.channel === "string" &&
    typeof value.at === "number";
}

function isChange(value: unknown): value is Change {
  return isRecord(value) && isMessage(value.message);
}

export function isPollReply(value: unknown): value is PollReply {
  return isRecord(value) && typeof value.outcome === "string" &&
    typeof value.cursor === "string" && isListOf(value.messages, isMessage) &&
    isListOf(value.signals, isSignal) &&
    (value.changes === undefined || isListOf(value.changes, isChange)) &&
    (value.refused === undefined || isListOf(value.refused, isRefusedChannel));
}

export function isHistoryReply(value: unknown): value is HistoryReply {
  return isRecord(value) && isListOf(value.messages, isMessage) && typeof value.more === "boolean";
}

export function isSearchReply(value: unknown): value is SearchReply {
  return isRecord(value) && isListOf(value.hits, isSearchHit) &&
    [value.before, value.unindexed].every((one) => one === undefined || typeof one === "number");
}

export function isFirstReply(value: unknown): value is FirstReply {
  return isRecord(value) && (value.message === undefined || isMessage(value.message));
}

export function isPresenceReply(value: unknown): value is PresenceReply {
  return isRecord(value) && isListOf(value.present, isPerson);
}

export function isRoomsReply(value: unknown): value is RoomsReply {
  return isRecord(value) && isListOf(value.rooms, isActiveRoom);
}

export function isRoomListReply(value: unknown): value is RoomListReply {
  return isRecord(value) && isListOf(value.rooms, isRoomSummary) &&
    (value.before === undefined || typeof value.before === "number");
}

export function isConversationsReply(value: unknown): value is ConversationsReply {
  return isRecord(value) && isListOf(value.conversations, isConversation);
}

export function isMessageFile(value: unknown): value is MessageFile {
  return isRecord(value) && typeof value.id === "string" && typeof value.size === "number";
}

/** For replies without a body. A body would not be from Halley. */
export function isNothing(value: unknown): value is undefined {
  return value === undefined;
}

function isSearchHit(value: unknown): value is SearchHit {
  return isRecord(value) && isMessage(value.message) && isListOf(value.words, isTextRange);
}

function isTextRange(value: unknown): value is TextRange {
  return isRecord(value) && typeof value.start === "number" && typeof value.end === "number";
}

function isSignal(value: unknown): value is Signal {
  return isRecord(value) && typeof value.type === "string" && typeof value.channel === "string" &&
    isPerson(value.from);
}

function isActiveRoom(value: unknown): value is ActiveRoom {
  return isRecord(value) && typeof value.channel === "string" && typeof value.present === "number";
}

function isRoomSummary(value: unknown): value is RoomSummary {
  return isActiveRoom(value) && "last" in value && isMessage(value.last);
}

function isConversation(value: unknown): value is Conversation {
  return isRecord(value) && typeof value.channel === "string" &&
    typeof value.readUpTo === "number" && typeof value.unread === "number";
}

function isRefusedChannel(value: unknown): value is RefusedChannel {
  return isRecord(value) && typeof value.channel === "string" && typeof value.code === "string";
}

function isListOf<T>(value: unknown, isItem: Guard<T>): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}
