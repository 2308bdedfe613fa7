import type { Translation } from "../sentences.ts";

/** Sentences about notifications while the page is closed, in English. */
export const push = {
  whenClosed: "Also when the page is closed",
  whenClosedHint: "Comes encrypted through your browser’s push service.",
  contents: "Show names and texts",
  contentsHint: "Otherwise only that there is a message.",
  newMessage: "New message",
  denied:
    "Notifications are blocked. Allow them for this page in your browser’s settings, then try again.",
  serviceUnreachable: "Can’t reach your browser’s push service. Try again later.",
  serviceUnknown: "This server doesn’t know your browser’s push service.",
} as const;

/** The same sentences in any language. */
export type Push = Translation<typeof push>;
