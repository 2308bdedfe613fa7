import type { Signal } from "@preact/signals";
import type { Notify } from "../../../server/protocol/requests.ts";
import type { ConversationKind } from "./address.ts";

/** What the person has chosen for a conversation, in any tab. */
export interface ConversationSettings {
  /** Which messages they are notified of; absent while the default holds. */
  readonly notify?: Notify | undefined;
  readonly pinned?: boolean | undefined;
}

/** Which messages of a conversation the person is notified of. */
export function notifyOf(kind: ConversationKind, { notify }: ConversationSettings): Notify {
  return notify ?? (kind === "room" ? "mentions" : "all");
}

/** Applies what the server has. Without a change, nothing is rendered again. */
export function applySettings(
  settings: Signal<ConversationSettings>,
  { notify, pinned = false }: ConversationSettings,
): void {
  const before = settings.peek();
  if (before.notify === notify && (before.pinned ?? false) === pinned) return;
  settings.value = { notify, pinned };
}

/** Whether its messages count nowhere and are announced nowhere. */
export function isMuted({ notify }: ConversationSettings): boolean {
  return notify === "none";
}
