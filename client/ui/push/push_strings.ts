import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { part } from "../i18n/dictionary.ts";

/** Sentences about pushes, in the language of the page. */
export const strings = part("push");

/**
 * Why pushes could not be turned on: the browser's user has forbidden notifications, its push service cannot be reached or
 * is not known to the server, or the server cannot be reached.
 */
export type PushFailure = "denied" | "service" | "unknown_service" | "server";

export function failureText(failure: PushFailure): string {
  const { denied, serviceUnreachable, serviceUnknown } = strings.value;
  switch (failure) {
    case "denied":
      return denied;
    case "service":
      return serviceUnreachable;
    case "unknown_service":
      return serviceUnknown;
    case "server":
      return chatStrings.value.serverUnreachable;
  }
}
