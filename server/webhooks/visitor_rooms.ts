import { isMessage } from "../core/model/change.ts";
import type { Entry } from "../core/model/message.ts";
import type { MessageLog } from "../core/model/store.ts";
import type { Json, Message } from "../protocol/message.ts";

/** Number of messages of a room that are read at once, and at most to find what a visitor has left. */
const PORTION = 50;
const SEARCHED = 500;

/**
 * Whether nobody has answered a message of a visitor yet, and no earlier one of the visitor waits for an answer: that one was
 * told.
 */
export async function isFirstUnanswered(
  log: MessageLog,
  { channel, id }: Message,
  visitor: string,
): Promise<boolean> {
  const isSaid = (entry: Entry) => isMessage(entry) && entry.event === undefined;
  const isAnswer = ({ from, as }: Entry) =>
    from === undefined ? as !== undefined : from.publicToken !== visitor;
  for (let after = id;;) {
    const { messages, hasMore } = await log.read([channel], after, PORTION);
    if (messages.some((entry) => isSaid(entry) && isAnswer(entry))) return false;
    after = messages.at(-1)?.id ?? after;
    if (!hasMore) break;
  }
  for (let before = id;;) {
    const earlier = await log.history(channel, before, PORTION);
    for (const entry of earlier.filter(isSaid)) {
      if (isAnswer(entry)) return true;
      if (entry.from?.publicToken === visitor) return false;
    }
    before = earlier.at(-1)?.id ?? 0;
    if (earlier.length < PORTION) return true;
  }
}

/** The last data with an address that a visitor has sent to a room, such as a form has `{"name", "address", "text"}`. */
export async function contactIn(
  log: MessageLog,
  room: string,
  visitor: string,
): Promise<Json | undefined> {
  let before: number | undefined;
  for (let searched = 0; searched < SEARCHED; searched += PORTION) {
    const entries = await log.history(room, before, PORTION);
    const found = entries.find((entry) =>
      isMessage(entry) && entry.from?.publicToken === visitor && hasAddress(entry.data)
    );
    if (found !== undefined) return found.data;
    before = entries.at(-1)?.id;
    if (entries.length < PORTION) break;
  }
  return undefined;
}

function hasAddress(data: Json | undefined): boolean {
  return typeof data === "object" && data !== null && "address" in data &&
    typeof data.address === "string";
}
