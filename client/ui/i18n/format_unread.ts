import { UNREAD_LIMIT } from "../../../server/protocol/limits.ts";

/** Formats a number of unread messages; `99+` where the server has stopped counting. */
export function formatUnread(count: number): string {
  return count < UNREAD_LIMIT ? String(count) : `${UNREAD_LIMIT - 1}+`;
}
