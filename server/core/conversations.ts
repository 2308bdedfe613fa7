import type { Message, Person } from "./message.ts";

/** A place where a session talks or listens, and what it has read there. */
export interface Conversation {
  readonly channel: string;
  /** The id of the last message that was read here, by whichever tab of the session; 0 before the first. */
  readonly readUpTo: number;
  /** How many messages of others came after that one; never more than 100. */
  readonly unread: number;
  /** The newest message. */
  readonly last?: Message;
  /** The other one of a direct channel; absent when that session has ended. */
  readonly other?: Correspondent;
}

/** The other one of a direct conversation, and how far one's messages came. */
export interface Correspondent extends Person {
  /** The id of the last message that a tab of the other one is known to have. */
  readonly deliveredUpTo: number;
  /** The id of the last message that the other one has read. */
  readonly readUpTo: number;
}

/** The conversations of a session that are open. */
export interface ConversationsReply {
  readonly conversations: readonly Conversation[];
}
