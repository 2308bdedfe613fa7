import type { Translation } from "../sentences.ts";

/** Sentences about identities, in English. */
export const account = {
  unsent: "Not sent",
  unsentHint: "Your session ended before these were sent. Copy what you need.",
  copyAll: "Copy",
  copied: "Copied",
  discard: "Discard",
  cancel: "Cancel",
  save: "Save",
  done: "OK",
  tryAgain: "Try again",
  changeName: "Change name",
  newName: "New name",
  renameHint: "Messages that you have sent keep the old name.",
  invalidName: "This name can’t be used. Choose one with visible characters only.",
  otherDevice: "Use on another device",
  moveHint:
    "Open this link on the other device. Whoever opens it becomes you, so give it to nobody.",
  moveLink: "Link for the other device",
  validUntil: "Works once, until {time}.",
  creating: "Making a link…",
  checking: "Checking the link…",
  continueAs: "Continue as {name}",
  alreadyHere: "You are already {name} here.",
  leaves: "You are {name} on this device. You sign out as {name}, and can’t come back.",
  invalidCode: "This link has expired or was used. Make a new one on the other device.",
} as const;

/** The same sentences in any language. */
export type Account = Translation<typeof account>;
