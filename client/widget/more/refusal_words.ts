import { strings as chatStrings } from "../../ui/i18n/chat_strings.ts";
import { strings } from "./more_strings.ts";

type Kind = keyof typeof strings.value.refusals;

/** What the codes mean to a visitor. */
const KINDS: Readonly<Record<string, Kind | undefined>> = {
  not_allowed: "noAccess",
  too_many_rooms: "full",
  too_many_sessions: "full",
  too_many_polls: "full",
  too_many_requests: "tooFast",
  closing: "busy",
  store_unavailable: "busy",
  keys_unavailable: "busy",
  internal_error: "busy",
};

/** Why the server refuses something, in the words of visitors. */
export function refusalWords(code: string): string {
  // Something else than Halley has answered.
  if (code === "unexpected_answer") return chatStrings.value.serverUnreachable;
  return wordsOf(code) ?? strings.value.refusals.refused;
}

/** The same; undefined if a visitor can do nothing about it. */
export function wordsOf(code: string): string | undefined {
  const kind = KINDS[code];
  return kind && strings.value.refusals[kind];
}
