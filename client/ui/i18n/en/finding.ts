import type { Translation } from "../sentences.ts";

/** Sentences of the dialogs with the ways to a conversation, in English. */
export const finding = {
  goTo: "Go to",
  placeholder: "Conversation, person, room",
  nothing: "Nothing has this name.",
  join: "Join #{name}",
  message: "New conversation",
  room: "Room",
  searchFor: "Search messages for “{words}”",
  keys: "Keyboard shortcuts",
  close: "Close",
  singleKeys: "Keys without Ctrl or Alt",
  singleKeysHint: "Turn them off if your software for speech input or reading sends them.",
  or: "or",
  actions: {
    switcher: "Go to a conversation, a person or a room",
    search: "Search messages",
    previous: "Previous or next conversation",
    unread: "Previous or next unread conversation",
    allRead: "Mark all as read",
    write: "Write a message",
    writeKeys: "any letter",
    reply: "Reply to the message that has the focus, or to the newest one",
    messages: "Between messages, or conversations in the list",
    send: "Send the message",
    line: "New line in the message",
    format: "Bold, italic or struck text",
    edit: "Edit your newest message, in an empty field",
    back: "Back to the list; close what is open",
    help: "These shortcuts",
  },
} as const;

/** The same sentences in any language. */
export type Finding = Translation<typeof finding>;
