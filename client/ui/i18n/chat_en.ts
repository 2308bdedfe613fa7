import { formatUnread } from "./format_unread.ts";

/** Strings of the views that the page and the widget share, in English. */
export const chatEn = {
  yourName: "Your name",
  namePlaceholder: "alice",
  nameHint: "Other people see this name.",
  startChat: "Start chatting",
  signingIn: "Signing in…",
  signOut: "Sign out",
  serverUnreachable: "Can’t reach the server. Check your connection and try again.",
  signedOut: "You’ve been signed out. Sign in again to continue.",
  banned: (until: string) => `An administrator has banned you${until && ` until ${until}`}.`,
  kicked: "An administrator ended your session.",
  nameReserved: "This name is reserved or looks like a reserved one. Choose another.",
  tokenRequired: "You can’t sign in by name here. Open the chat from your application.",
  noValidToken: "The application gave no valid token. Try again later.",
  signInOnSite: "Sign in to this site to join the chat.",
  chatUnavailable: "Chat isn’t available on this page.",
  notices: "Notices",
  system: "System",
  you: "You",
  message: "Message",
  messages: "Messages",
  noMessages: "No messages yet",
  historyStart: "This is the start of the conversation.",
  loading: "Loading…",
  loadOlder: "Load earlier messages",
  loadFailed: "Couldn’t load messages.",
  gap: "Some messages may be missing here: the server lost part of its history.",
  dismissGap: "OK",
  newMessagesLine: "New messages",
  newMessages: (count: number) =>
    count === 1 ? "1 new message" : `${formatUnread(count)} new messages`,
  unread: (count: number) => `${formatUnread(count)} unread`,
  jumpToLatest: "Jump to latest",
  today: "Today",
  yesterday: "Yesterday",
  justNow: "just now",
  readOnly: "You can’t send messages here.",
  send: "Send",
  sendKey: "Enter sends, Shift+Enter breaks the line.",
  sendKeyOnTouch: "Ctrl+Enter sends, Enter breaks the line.",
  tooLong: "This message is too long.",
  outboxFull: "Too many unsent messages. Wait until some are sent.",
  edited: "edited",
  roomEvents: {
    claimed: (name: string) => `${name} answers here now`,
    released: (name: string) => `${name} no longer answers`,
    closed: (name: string) => `${name} closed the conversation`,
  },
  typing: (names: readonly string[]) =>
    names.length > 2
      ? "Several people are typing"
      : `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing`,
  delivery: { pending: "Not sent yet", sent: "Sent", delivered: "Delivered", read: "Read" },
  tryAgain: "Try again",
  connection: "Connection",
  connectionStates: {
    connecting: "Connecting…",
    connected: "Connected",
    waiting: "Reconnecting…",
    offline: "Offline",
    stopped: "Disconnected",
  },
  retryingIn: (seconds: number) => `Retrying in ${seconds} s`,
  retryNow: "Retry now",
  superseded: "The chat is open in another window.",
  useHere: "Use here",
  refused: "The server refused the connection.",
};

/** The same strings in any language. */
export type ChatStrings = typeof chatEn;
