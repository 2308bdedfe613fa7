import type { Conversation } from "../state/conversation.ts";
import type { References } from "../storage/outbox_store.ts";

/** What is added to composers. */
export interface ComposerTools {
  /** Whom a text mentions. */
  references?: (text: string, conversation: Conversation) => Pick<References, "mentions">;
}

/** The page sets it before the first composer is rendered. */
export const composerTools: ComposerTools = {};
