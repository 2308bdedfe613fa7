import { UNREAD_LIMIT } from "../../../server/protocol/limits.ts";
import { language, localeOf } from "./language.ts";

/** Formats a number of unread messages; `99+` where the server has stopped counting. */
export function formatUnread(count: number): string {
  const isCounted = count < UNREAD_LIMIT;
  const shown = isCounted ? count : UNREAD_LIMIT - 1;
  return shown.toLocaleString(localeOf(language.value)) + (isCounted ? "" : "+");
}
