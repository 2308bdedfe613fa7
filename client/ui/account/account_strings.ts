import { HalleyError } from "../../comet/halley_error.ts";
import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { part } from "../i18n/dictionary.ts";

/** Sentences about identities, in the language of the page. */
export const strings = part("account");

/** Whether a code is unknown, used or expired. */
export function isInvalidCode(error: unknown): boolean {
  return error instanceof HalleyError && error.code === "not_signed_in";
}

/** Says why a request has failed. */
export function describeFailure(error: unknown): string {
  const { nameReserved, serverUnreachable, tokenRequired } = chatStrings.value;
  if (isInvalidCode(error)) return strings.value.invalidCode;
  if (!(error instanceof HalleyError)) return serverUnreachable;
  if (error.code === "name_reserved") return nameReserved;
  if (error.code === "invalid_request") return strings.value.invalidName;
  return error.code === "token_required" ? tokenRequired : serverUnreachable;
}
