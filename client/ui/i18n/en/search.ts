import type { Translation } from "../sentences.ts";

/** Sentences of the search for messages, in English. */
export const search = {
  placeholder: "Words, or “a phrase”",
  where: "Where to search",
  here: "In {title}",
  everywhere: "Everywhere",
  limits: "Filters",
  from: "From",
  anyone: "Anyone",
  since: "First day",
  until: "Last day",
  idle: "Finds messages that have all words, in any order.",
  searching: "Searching…",
  found: { one: "{count} message", other: "{count} messages" },
  foundSoFar: { one: "{count} message so far", other: "{count} messages so far" },
  nothing: "No message has these words.",
  nothingSoFar: "No newer message has these words.",
  searchOn: "Search older messages",
  more: "Show more",
  unavailable: "This server can only search one conversation at a time.",
  tooManyWords: "Search for fewer words.",
  unindexed: {
    one: "{count} old message can’t be found yet. The server is still reading it.",
    other: "About {count} old messages can’t be found yet. The server is still reading them.",
  },
  messageGone: "This message is no longer there.",
  close: "Close search",
  day: "Day",
  jump: "Jump",
  first: "First message",
  cancel: "Cancel",
  noneSince: "No message was sent on this day or later.",
} as const;

/** The same sentences in any language. */
export type Search = Translation<typeof search>;
