import type { Signal } from "@preact/signals";
import type { Notify } from "../../../server/protocol/requests.ts";
import type { ConversationKind } from "./address.ts";

/** What the person has chosen for a conversation, in any tab and on any device. */
export interface ConversationSettings {
  /** Which messages they are notified of; absent while the default holds. */
  readonly notify?: Notify | undefined;
  readonly pinned?: boolean | undefined;
  /** From which message on it is marked as unread. */
  readonly unreadFrom?: number | undefined;
  /** How many messages that were when the server was asked. */
  readonly unread?: number | undefined;
}

/** Which messages of a conversation the person is notified of. */
export function notifyOf(kind: ConversationKind, { notify }: ConversationSettings): Notify {
  return notify ?? (kind === "room" ? "mentions" : "all");
}

/** Applies what the server has. Without a change, nothing is rendered again. */
export function applySettings(
  settings: Signal<ConversationSettings>,
  { notify, pinned, unreadFrom, unread }: ConversationSettings,
): void {
  const present = { notify, pinned, unreadFrom, unread: unreadFrom && unread };
  if (JSON.stringify(present) !== JSON.stringify(settings.peek())) settings.value = present;
}

/** Whether its messages count nowhere and are announced nowhere. */
export function isMuted({ notify }: ConversationSettings): boolean {
  return notify === "none";
}
