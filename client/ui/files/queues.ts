import type { Chat } from "../state/chat.ts";
import type { Conversation } from "../state/conversation.ts";
import type { References } from "../storage/outbox_store.ts";
import { markUnsent, UNSENT_FILES } from "../storage/unsent_files.ts";
import { attachments } from "./attachments.ts";
import { openFileStore } from "./file_database.ts";
import { FileQueue } from "./file_queue.ts";

const queues = new Map<Chat, FileQueue>();

/** The queue of a chat; undefined before {@linkcode openQueue}. */
export function queueOf(chat: Chat): FileQueue | undefined {
  return queues.get(chat);
}

/** Begins to send what is queued. */
export function openQueue(chat: Chat): void {
  if (!queues.has(chat)) queues.set(chat, new FileQueue(chat));
}

/** Stops sending. What is queued stays stored. */
export function closeQueue(chat: Chat): void {
  queues.get(chat)?.[Symbol.dispose]();
  queues.delete(chat);
}

/** Removes what a person has not sent, who has signed out. */
export async function clearQueue(owner: string): Promise<void> {
  const store = await openFileStore(UNSENT_FILES, owner);
  for (const { key } of await store.list()) await store.remove(key);
  markUnsent(false);
}

/** Sends a text with the files that are attached to its conversation. Returns false if they cannot be sent now. */
export function send(
  { chat, conversation, text, references }: {
    readonly chat: Chat;
    readonly conversation: Conversation;
    readonly text: string;
    readonly references: References | undefined;
  },
): boolean {
  openQueue(chat);
  const queue = queueOf(chat);
  if (!queue) return false;
  const { channel, draft, newAfter, visited } = conversation;
  const replyTo = draft.answers.peek();
  const files = attachments.take(channel);
  queue.add(channel, { text, references: { ...references, ...(replyTo && { replyTo }) }, files })
    // When it is shown above the composer, which makes the list lower.
    .then(() => setTimeout(() => showEnd(conversation, chat)));
  draft.clear();
  newAfter.value = undefined;
  visited.peek()?.leave();
  return true;
}

/** Scrolls to the end, where the message will be, as after a text. */
function showEnd(conversation: Conversation, { conversations }: Chat): void {
  const list = document.querySelector(".messages");
  if (list && conversations.selected.peek() === conversation) list.scrollTop = list.scrollHeight;
}
