import type { Message } from "../../comet/halley.ts";

/** Messages that one sender sent in one go, on one day. */
export interface Group {
  readonly messages: readonly [Message, ...Message[]];
  /** The first of a day. */
  readonly isNewDay: boolean;
  /** Goes on with what the same sender said right before. */
  readonly isContinued: boolean;
}

/** What parts the messages beside sender, day and silence. */
export interface Partings {
  /** The message before the first of them. */
  readonly previous?: Message | undefined;
  /** A group ends after the messages with these ids. */
  readonly after?: readonly (number | undefined)[];
}

/** A longer silence begins a new group. */
const SILENCE = 5 * 60_000;

/** Parts the messages by sender, day and silence. */
export function groupMessages(
  messages: readonly Message[],
  { previous, after = [] }: Partings = {},
): readonly Group[] {
  const groups: {
    messages: [Message, ...Message[]];
    isNewDay: boolean;
    isContinued: boolean;
  }[] = [];
  let last = previous;
  for (const message of messages) {
    const group = groups.at(-1);
    const isParted = after.some((id) =>
      id !== undefined && (last?.id ?? 0) <= id && id < message.id
    );
    const isContinued = !isParted && last !== undefined && isOneGo(last, message);
    if (group && isContinued) group.messages.push(message);
    else groups.push({ messages: [message], isNewDay: isNewDay(last, message), isContinued });
    last = message;
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
