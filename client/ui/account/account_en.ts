/** Strings about identities, in English. */
export const accountEn = {
  unsent: "Not sent",
  unsentHint: "Your session ended before these were sent. Copy what you need.",
  copyAll: "Copy",
  copied: "Copied",
  discard: "Discard",
};

/** The same strings in any language. */
export type AccountStrings = typeof accountEn;
