import type { Page } from "./en/page.ts";
import { strings } from "./page_strings.ts";

type Kind = keyof Page["refusals"];

/** What the codes mean to a person. All others say only that the server refuses the request. */
const KINDS: Readonly<Record<string, Kind | undefined>> = {
  not_signed_in: "signInAgain",
  token_expired: "signInAgain",
  kicked: "signInAgain",
  not_allowed: "notAllowed",
  body_too_large: "tooLong",
  text_too_long: "tooLong",
  too_many_requests: "tooFast",
  too_many_tabs: "tooManyTabs",
  too_many_polls: "busy",
  too_many_rooms: "busy",
  too_many_sessions: "busy",
  closing: "busy",
  store_unavailable: "busy",
  keys_unavailable: "busy",
  internal_error: "busy",
  unexpected_answer: "unexpected",
};

/** Says in the language of the page why the server has refused something. Its own words are in English: see `refusals.ts`. */
export function refusalText(code: string): string {
  return strings.value.refusals[KINDS[code] ?? "refused"];
}
