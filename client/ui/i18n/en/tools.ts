import type { Translation } from "../sentences.ts";

/** Sentences of what can be done with messages, in English. */
export const tools = {
  showMore: "Show more",
  showLess: "Show less",
  reply: "Reply",
  goToMessage: "Go to this message",
  sendFailed: "Couldn’t send.",
  recipientSignedOut: "This person has signed out.",
  expired: "Written {ago}, not sent.",
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
  confirmDeleteOf: "Really delete the message from {name}?",
  react: "React",
  reactions: "Reactions",
  moreEmoji: "More emoji",
  reactionNames: {
    "👍": "Thumbs up",
    "❤️": "Heart",
    "😂": "Tears of joy",
    "🎉": "Party popper",
    "😮": "Surprised",
    "🙏": "Thank you",
  },
  youReacted: "you",
  others: { one: "{count} other", other: "{count} others" },
  peopleCount: { one: "{count} person", other: "{count} people" },
  notSaved: "Not saved yet",
  notDeleted: "Not deleted yet",
  changeFailed: "Couldn’t change this message.",
} as const;

/** The same sentences in any language. */
export type Tools = Translation<typeof tools>;
