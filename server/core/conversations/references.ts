import { isMessage } from "../model/change.ts";
import type { Draft, Entry } from "../model/message.ts";
import { isNotFound, Refused } from "../model/refused.ts";
import type { Appended, MessageLog } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";

/** Where the things are looked up that messages refer to. */
export interface ReferenceDeps {
  readonly log: MessageLog;
  readonly sessions: Pick<Sessions, "find">;
}

/**
 * Rejects with `not_found` if the channel of a draft does not have the message that it replies to, and with
 * `unknown_mention` if somebody whom it mentions has no session. Returns `undefined` if it refers to nothing, as most
 * messages do.
 */
export function checkReferences(
  draft: Pick<Draft, "channel" | "replyTo" | "mentions">,
  deps: ReferenceDeps,
): Promise<void> | undefined {
  const { replyTo, mentions } = draft;
  return replyTo === undefined && mentions === undefined ? undefined : checkFound(draft, deps);
}

async function checkFound(
  { channel, replyTo, mentions = [] }: Pick<Draft, "channel" | "replyTo" | "mentions">,
  { log, sessions }: ReferenceDeps,
): Promise<void> {
  if (replyTo !== undefined) await checkAnswered(log, replyTo, channel);
  const found = await Promise.all(mentions.map((publicToken) => sessions.find(publicToken)));
  const unknown = mentions[found.indexOf(undefined)];
  if (unknown === undefined) return;
  const detail = `There is no session with the public token "${unknown}", which is mentioned`;
  throw new Refused("unknown_mention", detail);
}

/**
 * What drafts have become before, all of them. What they refer to may have disappeared since then, and their sender may not
 * have got the reply. Otherwise rejects with `refused`, the reason why they cannot be appended.
 */
export async function repetitionOf(
  drafts: readonly Draft[],
  { log, refused }: { readonly log: MessageLog; readonly refused: unknown },
): Promise<readonly Appended[]> {
  const haveKeys = drafts.every(({ key }) => key !== undefined);
  if (!haveKeys || !(refused instanceof Refused)) throw refused;
  try {
    return await log.append(drafts.map((draft) => ({ ...draft, repeats: true })));
  } catch (error) {
    throw isNotFound(error) ? refused : error;
  }
}

/** Only a message that is there can be answered, and neither an event nor a change. */
async function checkAnswered(log: MessageLog, id: number, channel: string): Promise<void> {
  const entry = await storedEntry(log, id);
  const isThere = entry !== undefined && isMessage(entry) && entry.channel === channel;
  if (isThere && entry.event === undefined) return;
  const detail = `${channel} has no message with the id ${id} that can be replied to`;
  throw new Refused("not_found", detail);
}

/** What the log has under an id, also if another node has appended it a moment ago. */
export async function storedEntry(log: MessageLog, id: number): Promise<Entry | undefined> {
  return await log.get(id) ?? (await log.newestId() >= id ? await log.get(id) : undefined);
}
