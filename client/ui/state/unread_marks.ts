import { signal } from "@preact/signals";
import { isRecord } from "../../../server/protocol/guards.ts";
import { countsAsUnread } from "../../../server/protocol/unread.ts";
import type { Message } from "../../comet/halley.ts";
import { memoryValue, type StoredValue } from "../storage/stored_value.ts";
import { newestFirst } from "./chunks.ts";
import type { Conversation } from "./conversation.ts";

/** The id of the first message that is to be read again, by channel. */
export type UnreadMarks = Readonly<Record<string, number | undefined>>;

/**
 * What the user of this browser has marked as unread. The server does not know of it: a read marker there never goes back, since
 * the other person of a direct conversation has seen it.
 */
const marks = signal<UnreadMarks>({});
let stored: StoredValue<UnreadMarks> = memoryValue();
let stopWatching = () => {};

/** Takes over what the session has marked, and follows its other tabs. */
export function restoreUnreadMarks(value: StoredValue<UnreadMarks>): void {
  stopWatching();
  stored = value;
  const restore = () => marks.value = stored.read() ?? {};
  stopWatching = stored.watch(restore);
  restore();
}

/** Marks a message and all after it as unread. The line of the new messages stands above it. */
export function markUnread(conversation: Conversation, { id }: Pick<Message, "id">): void {
  write(conversation.channel, id);
  conversation.newAfter.value = id - 1;
}

/** Takes the mark of a conversation away, and returns the id of the message. */
export function takeUnreadMark({ channel }: Pick<Conversation, "channel">): number | undefined {
  const id = marks.peek()[channel];
  if (id !== undefined) write(channel, undefined);
  return id;
}

/** Number of unread messages of a conversation, those that were marked included. */
export function unreadOf({ channel, unread, history, self, other }: Conversation): number {
  const first = marks.value[channel];
  if (first === undefined) return unread.value;
  let count = 0;
  for (const message of newestFirst(history.chunks.value)) {
    if (message.id < first) break;
    if (countsAsUnread(message, { self, visitor: other.value })) count++;
  }
  // An own message can be marked, too, or one that is not in memory.
  return Math.max(unread.value, count, 1);
}

export function areUnreadMarks(value: unknown): value is UnreadMarks {
  return isRecord(value) && Object.values(value).every((id) => typeof id === "number");
}

function write(channel: string, id: number | undefined): void {
  // Another tab may have marked another conversation.
  marks.value = { ...stored.read() ?? marks.peek(), [channel]: id };
  stored.write(marks.value);
}
