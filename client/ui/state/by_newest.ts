import type { Conversation } from "./conversation.ts";

/** Sorts conversations by their newest messages, the newest first. Can be read by views. */
export function byNewest(conversations: readonly Conversation[]): readonly Conversation[] {
  return [...conversations].sort((one, other) => timeOf(other) - timeOf(one));
}

function timeOf({ last, openedAt }: Conversation): number {
  return last.value?.at ?? openedAt;
}
