import type { Message } from "../../comet/halley.ts";
import type { Chunk } from "./chunks.ts";

/** Consecutive messages of one sender on one day, shown under one heading; or one event of a room. */
export interface Group {
  readonly messages: readonly [Message, ...Message[]];
  /** The time of the message with the heading. */
  readonly startedAt: number;
  /** Whether this is the first group of its day. */
  readonly isNewDay: boolean;
  /** Whether it continues the group before `messages`, and needs no heading. */
  readonly isContinued: boolean;
}

export interface GroupOptions {
  /** The group before the first message. */
  readonly previous?: Group | undefined;
  /** Ids of messages that end a group, because a line is shown after them. */
  readonly breakAfter?: readonly (number | undefined)[];
}

/** Time in ms after its first message at which a group ends. */
const MAX_DURATION = 5 * 60_000;

const DAY = 24 * 60 * 60_000;

/** Groups messages by sender, day and time. */
export function groupMessages(
  messages: readonly Message[],
  { previous, breakAfter = [] }: GroupOptions = {},
): readonly Group[] {
  const groups: (Group & { messages: [Message, ...Message[]] })[] = [];
  let [last, startedAt] = [previous?.messages.at(-1), previous?.startedAt ?? 0];
  for (const message of messages) {
    const group = groups.at(-1);
    const isBroken = breakAfter.some((id) =>
      id !== undefined && (last?.id ?? 0) <= id && id < message.id
    );
    const isContinued = !isBroken && last !== undefined && belongTogether(last, message) &&
      message.at - startedAt < MAX_DURATION;
    if (!isContinued) startedAt = message.at;
    if (group && isContinued) group.messages.push(message);
    else {
      const isNewDay = isOtherDay(last, message);
      groups.push({ messages: [message], startedAt, isNewDay, isContinued });
    }
    last = message;
  }
  return groups;
}

/** The groups of each chunk. Each continues the one before. */
export function groupChunks(
  chunks: readonly Chunk[],
  breakAfter: readonly (number | undefined)[],
): readonly (readonly Group[])[] {
  let previous: Group | undefined;
  return chunks.map(({ messages }) => {
    const groups = groupMessages(messages, { previous, breakAfter });
    previous = groups.at(-1);
    return groups;
  });
}

function belongTogether(one: Message, next: Message): boolean {
  const isSame = one.from?.publicToken === next.from?.publicToken &&
    // People can change their names.
    one.from?.displayName === next.from?.displayName &&
    one.as?.displayName === next.as?.displayName;
  return isSame && !one.event && !next.event && !isOtherDay(one, next);
}

function isOtherDay(one: Message | undefined, next: Message): boolean {
  return !one || next.at - one.at >= DAY ||
    new Date(one.at).getDate() !== new Date(next.at).getDate();
}
