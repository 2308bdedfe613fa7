import { chatEn } from "./chat_en.ts";
import { formatUnread } from "./format_unread.ts";
import { toolsEn } from "./tools_en.ts";

/** Strings of the page, in English. */
export const pageEn = {
  ...chatEn,
  ...toolsEn,
  tagline: "Messages that always get through.",
  signIn: "Sign in",
  conversation: "Conversation",
  conversations: "Conversations",
  selectConversation: "Select a conversation",
  noNotices: "No notices yet",
  draft: "Draft",
  joinRoom: "Join a room",
  roomName: "Room name",
  join: "Join",
  invalidRoomName: (length: number) =>
    `Room names have up to ${length} letters, digits, dots, hyphens and underscores.`,
  activeRooms: "Active rooms",
  noActiveRooms: "No other active rooms",
  noActiveRoomMatches: "Not among the most active rooms. You can join it.",
  leaveRoom: "Leave",
  closeConversation: "Close",
  back: "Back to conversations",
  backWithUnread: (count: number) => `Back to conversations, ${formatUnread(count)} unread`,
  backToConversation: "Back to conversation",
  people: "People",
  peopleCount: (count: number) => count === 1 ? "1 person" : `${count} people`,
  showPeople: "Show people",
  noOtherPeople: "No one else is here",
  presence: { active: "online", background: "away", offline: "offline" },
  lastSeen: (ago: string) => `last seen ${ago}`,
  hasSignedOut: "signed out",
  messagePerson: (name: string) => `Message ${name}`,
  settings: "Settings",
  theme: "Appearance",
  themes: { system: "System", light: "Light", dark: "Dark" },
  language: "Language",
  desktopNotifications: "Desktop notifications",
  desktopHint: "Direct messages, mentions and notices while you are elsewhere.",
  desktopMissing: "This browser can’t show notifications of this page.",
  desktopDenied: "Blocked in your browser’s settings.",
  sound: "Sound",
  newNotices: "New notices",
  moreNotices: (count: number) => `${count} more`,
  dismiss: "Dismiss",
};

/** The same strings in any language. */
export type PageStrings = typeof pageEn;
