import type { Message } from "../../comet/halley.ts";

/** Messages that one sender sent in one go, on one day. */
export interface Group {
  /** The id of its first message. */
  readonly id: number;
  readonly messages: readonly [Message, ...Message[]];
  /** The first of a day. */
  readonly isNewDay: boolean;
}

/** A longer silence begins a new group. */
const SILENCE = 5 * 60_000;

/** Parts the messages by sender, day and silence. */
export function groupMessages(messages: readonly Message[]): readonly Group[] {
  const groups: { id: number; messages: [Message, ...Message[]]; isNewDay: boolean }[] = [];
  for (const message of messages) {
    const group = groups.at(-1);
    const previous = group?.messages.at(-1);
    if (group && previous && isOneGo(previous, message)) group.messages.push(message);
    else {groups.push({
        id: message.id,
        messages: [message],
        isNewDay: isNewDay(previous, message),
      });}
  }
  return groups;
}

function isOneGo(one: Message, next: Message): boolean {
  return one.from?.publicToken === next.from?.publicToken && !isNewDay(one, next) &&
    next.at - one.at < SILENCE;
}

function isNewDay(one: Message | undefined, next: Message): boolean {
  if (!one) return true;
  return new Date(one.at).toDateString() !== new Date(next.at).toDateString();
}
