import { isMessage } from "../model/change.ts";
import type { Entry } from "../model/message.ts";
import { Refused } from "../model/refused.ts";
import type { MessageLog } from "../model/store.ts";

/** What the log has of a message that somebody answers or changes, also if another node has appended it a moment ago. */
export async function storedEntry(log: MessageLog, id: number): Promise<Entry | undefined> {
  return await log.get(id) ?? (await log.newestId() >= id ? await log.get(id) : undefined);
}

/**
 * Rejects with `not_found` unless the message with this id can be answered in the channel: it is there, in that channel, and
 * neither an event nor a change.
 */
export async function checkAnswered(log: MessageLog, id: number, channel: string): Promise<void> {
  const entry = await storedEntry(log, id);
  const isThere = entry !== undefined && isMessage(entry) && entry.channel === channel;
  if (isThere && entry.event === undefined) return;
  const detail = `${channel} has no message with the id ${id} that can be replied to`;
  throw new Refused("not_found", detail);
}
