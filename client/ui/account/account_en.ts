/** Strings about identities, in English. */
export const accountEn = {
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
  validUntil: (time: string) => `Works once, until ${time}.`,
  creating: "Making a link…",
  checking: "Checking the link…",
  continueAs: (name: string) => `Continue as ${name}`,
  alreadyHere: (name: string) => `You are already ${name} here.`,
  leaves: (name: string) =>
    `You are ${name} on this device. You sign out as ${name}, and can’t come back.`,
  invalidCode: "This link has expired or was used. Make a new one on the other device.",
};

/** The same strings in any language. */
export type AccountStrings = typeof accountEn;
