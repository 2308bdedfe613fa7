import { signal } from "@preact/signals";
import { isRecord } from "../../../server/protocol/guards.ts";
import { countsAsUnread } from "../../../server/protocol/unread.ts";
import type { Message } from "../../comet/halley.ts";
import { memoryValue, type StoredValue } from "../storage/stored_value.ts";
import { newestFirst } from "./chunks.ts";
import type { Conversation } from "./conversation.ts";

/** From which message on a conversation is to be read again, and how many messages that were. */
interface UnreadMark {
  readonly id: number;
  readonly count: number;
}

/** By channel. */
export type UnreadMarks = Readonly<Record<string, UnreadMark | undefined>>;

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
  // An own message can be marked, too.
  write(conversation.channel, { id, count: Math.max(1, countFrom(id, conversation)) });
  conversation.newAfter.value = id - 1;
}

/** Takes the mark of a conversation away, and returns the id of the message. */
export function takeUnreadMark({ channel }: Pick<Conversation, "channel">): number | undefined {
  const mark = marks.peek()[channel];
  if (mark) write(channel, undefined);
  return mark?.id;
}

/** Number of unread messages of a conversation, those that were marked included. */
export function unreadOf(conversation: Conversation): number {
  const mark = marks.value[conversation.channel];
  const unread = conversation.unread.value;
  return mark ? Math.max(unread, mark.count, countFrom(mark.id, conversation)) : unread;
}

export function areUnreadMarks(value: unknown): value is UnreadMarks {
  return isRecord(value) &&
    Object.values(value).every((mark) =>
      isRecord(mark) && typeof mark.id === "number" && typeof mark.count === "number"
    );
}

/** Number of messages of others in memory from an id on. */
function countFrom(id: number, { history, self, other }: Conversation): number {
  let count = 0;
  for (const message of newestFirst(history.chunks.value)) {
    if (message.id < id) break;
    if (countsAsUnread(message, { self, visitor: other.value })) count++;
  }
  return count;
}

function write(channel: string, mark: UnreadMark | undefined): void {
  // Another tab may have marked another conversation.
  marks.value = { ...stored.read() ?? marks.peek(), [channel]: mark };
  stored.write(marks.value);
}
