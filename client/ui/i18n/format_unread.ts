import { UNREAD_LIMIT } from "../../../server/protocol/limits.ts";
import { numberFormat } from "./language.ts";

/** Formats a number of unread messages; `99+` where the server has stopped counting. */
export function formatUnread(count: number): string {
  const { format } = numberFormat.value;
  return count < UNREAD_LIMIT ? format(count) : `${format(UNREAD_LIMIT - 1)}+`;
}
