import type { Conversation } from "../state/conversation.ts";
import type { References } from "../storage/outbox_store.ts";

/** What is added to composers. */
export interface ComposerTools {
  /** Whom a text mentions, given whom it mentioned before it was edited. */
  references?: (
    text: string,
    conversation: Conversation,
    before?: readonly string[],
  ) => Pick<References, "mentions">;
  /** A draft is a message again that mentioned these people: of several with one name, it mentions the same one. */
  restore?: (mentions: readonly string[], conversation: Conversation) => void;
  /** Whether a conversation has something to send besides a text. */
  hasMore?: (conversation: Conversation) => boolean;
  /** Sends a text, which can be empty, in place of the conversation; returns false if it cannot be sent now. */
  send?: (text: string, conversation: Conversation) => boolean;
}

/** The page sets it before the first composer is rendered. */
export const composerTools: ComposerTools = {};
