import type { Reaction } from "./message.ts";

/** A change of the reactions to a message: a person reacts with an emoji, or takes that back. */
export interface ReactionDraft {
  /** The public token of the person. */
  readonly by: string;
  /** In the spelling that Unicode recommends. Absent to take back all reactions of the person. */
  readonly emoji?: string;
  readonly on: boolean;
}

/** Whether a person has reacted with an emoji, or with any. */
export function hasReacted(reactions: readonly Reaction[] = [], by: string, emoji?: string) {
  return reactions.some((one) =>
    (emoji === undefined || one.emoji === emoji) && one.by.includes(by)
  );
}

/** The reactions to a message after a change of them. */
export function withReaction(
  reactions: readonly Reaction[] = [],
  draft: ReactionDraft,
): readonly Reaction[] {
  const { by, emoji, on } = draft;
  if (on && emoji !== undefined) {
    if (hasReacted(reactions, by, emoji)) return reactions;
    const isKnown = reactions.some((one) => one.emoji === emoji);
    return isKnown
      ? reactions.map((one) => one.emoji === emoji ? { emoji, by: [...one.by, by] } : one)
      : [...reactions, { emoji, by: [by] }];
  }
  return reactions
    .map((one) =>
      emoji === undefined || one.emoji === emoji
        ? { emoji: one.emoji, by: one.by.filter((token) => token !== by) }
        : one
    )
    .filter((one) => one.by.length > 0);
}
