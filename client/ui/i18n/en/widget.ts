import type { Translation } from "../sentences.ts";

/** Sentences that only the chat of the widget has, in English. */
export const widget = {
  dismiss: "Dismiss",
  answers: "{name} answers",
  attended: "We’re here",
  unattended: "We’ll answer later",
  away: "We’re not here right now. Leave us your address, and we’ll answer.",
  leaveAddress: "Leave a message",
  address: "Your email address or phone number",
  invalidAddress: "Enter an email address or a phone number, so that we can answer.",
  question: "Your message",
  sent: "Thank you. We’ll answer to {address}.",
  unsent: "What you wrote is not sent yet, and is lost if you sign out.",
  stay: "Stay",
  refusals: {
    noAccess: "You don’t have access to this chat.",
    full: "The chat is full at the moment. Try again later.",
    tooFast: "That was too fast. Wait a moment.",
    busy: "The chat can’t answer at the moment. Try again soon.",
    refused: "The chat refuses this.",
  },
} as const;

/** The same sentences in any language. */
export type Widget = Translation<typeof widget>;
