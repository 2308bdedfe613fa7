import type { Ledger, SentMessage } from "./ledger.ts";
import { AGENT, isVisitorRoom } from "./rooms.ts";

/**
 * The messages of visitors that a back end must be told to be unanswered: in each room the first one after the last answer.
 * Rooms in which something was deleted or removed, or may have been stored without an acknowledgement, are left out.
 */
export function unansweredMessages(ledger: Ledger): readonly (readonly [number, SentMessage])[] {
  const entries = [...ledger.between(0)].filter(([, { channel }]) => isVisitorRoom(channel));
  const rooms = Map.groupBy(entries, ([, { channel }]) => channel);
  return [...rooms].flatMap(([room, messages]) => {
    const isKnown = ([id]: readonly [number, SentMessage]) =>
      ledger.isStored(id) && !ledger.changes.mayBeDeleted(id);
    if (ledger.isSendingTo(room) || !messages.every(isKnown)) return [];
    const answer = messages.findLastIndex(([, { sender }]) => sender === AGENT);
    return messages.slice(answer + 1, answer + 2);
  });
}

/** Whether a message of a visitor was answered, and that was acknowledged before a simulated time. */
export function wasAnswered(ledger: Ledger, id: number, before: number): boolean {
  const room = ledger.channelOf(id);
  return [...ledger.between(id)].some(([answer, { channel, sender, acknowledgedAt = Infinity }]) =>
    channel === room && sender === AGENT && acknowledgedAt < before &&
    ledger.isStored(answer) && !ledger.changes.mayBeDeleted(answer)
  );
}
