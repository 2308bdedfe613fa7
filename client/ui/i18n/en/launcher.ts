import type { Translation } from "../sentences.ts";

/** Sentences of the widget’s button, in English. */
export const launcher = {
  chat: "Chat",
  open: "Open chat",
  close: "Close chat",
  failed: "Couldn’t load the chat. Try again.",
} as const;

/** The same sentences in any language. */
export type Launcher = Translation<typeof launcher>;
