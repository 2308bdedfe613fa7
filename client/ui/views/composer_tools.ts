import type { ComponentChildren, RefObject } from "preact";
import type { Conversation } from "../state/conversation.ts";
import type { References } from "../storage/outbox_store.ts";

/** What is added to composers. */
export interface ComposerTools {
  /** Whom a text mentions. */
  references?: (text: string, conversation: Conversation) => Pick<References, "mentions">;
  /** What completes the text of a field while it is typed. */
  completion?: (
    conversation: Conversation,
    field: RefObject<HTMLTextAreaElement | null>,
  ) => ComponentChildren;
}

/** The page sets it before the first composer is rendered. */
export const composerTools: ComposerTools = {};
