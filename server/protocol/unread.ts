import type { Message, Person } from "./message.ts";

/** Who reads a conversation. */
export interface UnreadBy {
  readonly self: Pick<Person, "publicToken">;
  /** Whose room it is, if it is that of a visitor. */
  readonly visitor?: Pick<Person, "publicToken"> | undefined;
}

/**
 * Whether a message counts as unread: not one of the reader, and in the room of a visitor none of the rest of the team.
 * Events never do, messages of back ends always.
 */
export function countsAsUnread(
  { from, event }: Pick<Message, "from" | "event">,
  { self, visitor = self }: UnreadBy,
): boolean {
  if (event || !from) return !event;
  const isTeam = visitor.publicToken !== self.publicToken;
  return (from.publicToken === visitor.publicToken) === isTeam;
}
