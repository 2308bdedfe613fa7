import { effect, signal, untracked } from "@preact/signals";
import { isRecord } from "../../../server/protocol/guards.ts";
import { countsAsUnread } from "../../../server/protocol/unread.ts";
import type { Message } from "../../comet/halley.ts";
import { isFinal } from "../../comet/halley_error.ts";
import { memoryValue, type StoredValue } from "../storage/stored_value.ts";
import type { Chat } from "./chat.ts";
import { newestFirst } from "./chunks.ts";
import type { Conversation } from "./conversation.ts";
import { applySettings } from "./conversation_settings.ts";

/** From which message on a conversation is marked as unread, by channel; 0 if the mark was removed. */
export type UnreadMarks = Readonly<Record<string, number | undefined>>;

/**
 * What was marked in this browser, and the server does not know yet. The rest is among the settings of each conversation: a
 * read marker never goes back, since the other person of a direct conversation has seen it.
 */
const unsent = signal<UnreadMarks>({});
let stored: StoredValue<UnreadMarks> = memoryValue();
let stopWatching = () => {};

/** Takes over what the session has marked, and follows its other tabs. */
export function restoreUnreadMarks(value: StoredValue<UnreadMarks>): void {
  stopWatching();
  stored = value;
  const restore = () => unsent.value = stored.read() ?? {};
  stopWatching = stored.watch(restore);
  restore();
}

/** Sends each mark to the server, and again when the connection is back. Call the result to stop that. */
export function sendUnreadMarks(chat: Chat): () => void {
  let sending = Promise.resolve();
  return effect(() => {
    const channels = Object.keys(unsent.value);
    if (chat.connection.value.name !== "connected") return;
    for (const channel of channels) sending = sending.then(() => send(channel, chat));
  });
}

/** Marks a message and all after it as unread. The line of the new messages stands above it. */
export function markUnread(conversation: Conversation, { id }: Pick<Message, "id">): void {
  write(conversation.channel, id);
  conversation.newAfter.value = id - 1;
}

/** Takes the mark of a conversation away, and returns the id of the message. */
export function takeUnreadMark(conversation: Conversation): number {
  const id = untracked(() => markOf(conversation));
  if (id) write(conversation.channel, 0);
  return id;
}

/** Number of unread messages of a conversation, those that were marked included. */
export function unreadOf(conversation: Conversation): number {
  const id = markOf(conversation);
  const unread = conversation.unread.value;
  const counted = conversation.settings.value.unread ?? 0;
  // An own message can be marked, too.
  return id ? Math.max(1, unread, counted, countFrom(id, conversation)) : unread;
}

export function areUnreadMarks(value: unknown): value is UnreadMarks {
  return isRecord(value) && Object.values(value).every((id) => typeof id === "number");
}

function markOf({ channel, settings }: Conversation): number {
  return unsent.value[channel] ?? settings.value.unreadFrom ?? 0;
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

async function send(channel: string, { client, conversations, sync }: Chat): Promise<void> {
  const unreadFrom = unsent.peek()[channel];
  const settings = conversations.find(channel)?.settings;
  if (unreadFrom === undefined) return;
  try {
    // It would open a conversation that was closed meanwhile.
    if (settings) await client.setConversation(channel, { unreadFrom });
  } catch (error) {
    if (!isFinal(error)) return;
  }
  if (settings) {
    applySettings(settings, { ...settings.peek(), unreadFrom: unreadFrom || undefined });
  }
  // A list that was requested before would bring back what was there before.
  await sync.pull();
  if (unsent.peek()[channel] === unreadFrom) write(channel, undefined);
}

function write(channel: string, id: number | undefined): void {
  // Another tab may have marked another conversation.
  unsent.value = { ...stored.read() ?? unsent.peek(), [channel]: id };
  stored.write(unsent.value);
}
