import type { Message } from "../../comet/halley.ts";

/** Consecutive messages of one sender on one day, shown under one heading; or one event of a room. */
export interface Group {
  readonly messages: readonly [Message, ...Message[]];
  /** Whether this is the first group of its day. */
  readonly isNewDay: boolean;
  /** Whether it continues the group before `messages`, and needs no heading. */
  readonly isContinued: boolean;
}

export interface GroupOptions {
  /** The message before the first one. */
  readonly previous?: Message | undefined;
  /** Ids of messages that end a group, because a line is shown after them. */
  readonly breakAfter?: readonly (number | undefined)[];
}

/** A longer time in ms between two messages starts a new group. */
const MAX_SILENCE = 5 * 60_000;

/** Groups messages by sender, day and time. */
export function groupMessages(
  messages: readonly Message[],
  { previous, breakAfter = [] }: GroupOptions = {},
): readonly Group[] {
  const groups: {
    messages: [Message, ...Message[]];
    isNewDay: boolean;
    isContinued: boolean;
  }[] = [];
  let last = previous;
  for (const message of messages) {
    const group = groups.at(-1);
    const isBroken = breakAfter.some((id) =>
      id !== undefined && (last?.id ?? 0) <= id && id < message.id
    );
    const isContinued = !isBroken && last !== undefined && belongTogether(last, message);
    if (group && isContinued) group.messages.push(message);
    else groups.push({ messages: [message], isNewDay: isNewDay(last, message), isContinued });
    last = message;
  }
  return groups;
}

function belongTogether(one: Message, next: Message): boolean {
  return !one.event && !next.event && one.from?.publicToken === next.from?.publicToken &&
    one.as?.displayName === next.as?.displayName && !isNewDay(one, next) &&
    next.at - one.at < MAX_SILENCE;
}

function isNewDay(one: Message | undefined, next: Message): boolean {
  return !one || new Date(one.at).toDateString() !== new Date(next.at).toDateString();
}
