/** Strings of what can be done with messages, in English. */
export const toolsEn = {
  showMore: "Show more",
  showLess: "Show less",
  reply: "Reply",
  goToMessage: "Go to this message",
  sendFailed: "Couldn’t send.",
  recipientSignedOut: "This person has signed out.",
  expired: (ago: string) => `Written ${ago}, not sent.`,
  sendNow: "Send now",
  discard: "Discard",
  answeredGone: "The message that this replies to is no longer there.",
  sendWithoutReply: "Send without it",
  cancelReply: "Cancel reply",
  copy: "Copy",
  copied: "Copied",
  edit: "Edit",
  editMessage: "Edit message",
  save: "Save",
  cancel: "Cancel",
  delete: "Delete",
  confirmDelete: "Really delete?",
  confirmDeleteOf: (name: string) => `Really delete the message from ${name}?`,
  changeFailed: "Couldn’t change this message.",
};

/** The same strings in any language. */
export type ToolStrings = typeof toolsEn;
