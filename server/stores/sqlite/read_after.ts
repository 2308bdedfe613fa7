import { decode, type Entry } from "../../core/model/message.ts";

/** Number of messages read at once for a follower that starts in the past. */
const BATCH = 500;

/** Reads all messages after an id for a follower. */
export function readAfter(
  after: number,
  { log, newest, onRead }: {
    readonly log: { scanStored(after: number, limit: number): readonly string[] };
    readonly newest: () => number;
    readonly onRead: (messages: readonly Entry[]) => void;
  },
): void {
  for (let last = after; last < newest();) {
    const messages = log.scanStored(last, BATCH).map(decode);
    const read = messages.at(-1);
    if (read === undefined) return;
    onRead(messages);
    last = read.id;
  }
}
