import { type Receipts, recipientOf } from "../core/conversations/receipts.ts";
import { isMessage } from "../core/model/change.ts";
import type { Entry } from "../core/model/message.ts";
import { channelFor, mayRead, visitorOf } from "../core/model/rights.ts";
import type { MessageLog, SessionStore } from "../core/model/store.ts";
import type { Presence } from "../core/presence/presence.ts";
import type { Bans } from "../core/sessions/bans.ts";
import type { Sessions } from "../core/sessions/sessions.ts";
import type { Message } from "../protocol/message.ts";

/** What decides about a push. */
export interface RecipientDeps {
  readonly log: MessageLog;
  readonly sessionStore: Pick<SessionStore, "readMarkers">;
  readonly sessions: Pick<Sessions, "find" | "guestRights">;
  readonly bans: Pick<Bans, "includes">;
  readonly receipts: Pick<Receipts, "stateOf">;
  readonly presence: Pick<Presence, "entryOf">;
}

/** The channel of notices to everyone. */
const NOTICES = "notice";

/** Somebody whom a message concerns. */
export interface Recipient {
  readonly publicToken: string;
  /** Whether the message mentions this person or answers a message of theirs. */
  readonly isMeant: boolean;
}

/**
 * What is to be done for a recipient: to push, with or without the text, to look again since a tab is open that may show the
 * message, or nothing.
 */
export type PushDecision = "with_contents" | "without_contents" | "wait" | "none";

/** Whether a message may concern anybody in particular: all others are not looked at again. */
export function isPersonal(message: Entry, deps: Pick<RecipientDeps, "sessions">): boolean {
  return isMessage(message) && message.event === undefined &&
    (message.mentions !== undefined || message.replyTo !== undefined ||
      recipientIn(message, deps) !== undefined);
}

/** Whether a message is a notice to everyone. */
export function isForEveryone(message: Entry): message is Message {
  return isMessage(message) && message.event === undefined && message.channel === NOTICES;
}

/** The people whom a message concerns, without its sender, in the order of their public tokens. */
export async function recipientsOf(
  message: Message,
  { log, sessions }: Pick<RecipientDeps, "log" | "sessions">,
): Promise<readonly Recipient[]> {
  const { mentions = [], replyTo, from } = message;
  const answered = replyTo === undefined ? undefined : (await log.get(replyTo))?.from?.publicToken;
  const meant = new Set(answered === undefined ? mentions : [...mentions, answered]);
  const single = recipientIn(message, { sessions });
  const all = new Set(single === undefined ? meant : [single]);
  return [...all].filter((publicToken) => publicToken !== from?.publicToken).sort()
    .map((publicToken) => ({ publicToken, isMeant: meant.has(publicToken) }));
}

/** What is to be done now. A message that was read, or delivered to an open tab, is not pushed, and neither is a muted one. */
export async function decide(
  { publicToken, isMeant }: Recipient,
  message: Message,
  { sessionStore, sessions, bans, receipts, presence }: RecipientDeps,
): Promise<PushDecision> {
  if (bans.includes(publicToken) || !await sessions.find(publicToken)) return "none";
  const { channel, id } = message;
  const markers = await sessionStore.readMarkers(publicToken);
  const marker = markers.find((one) => one.channel === conversationOf(channel));
  if (marker?.notify === "none" || marker?.notify === "mentions" && !isMeant) return "none";
  if ((marker?.readUpTo ?? 0) >= id) return "none";
  if (recipientIn(message, { sessions }) === publicToken) {
    const isWaiting = await receipts.stateOf(publicToken, message) === "waiting";
    return isWaiting ? "with_contents" : "none";
  }
  // Who has not opened the room may have no right to read it.
  if (marker === undefined && channel !== NOTICES) return "none";
  const { leases, remote } = presence.entryOf(publicToken) ?? {};
  if ((leases?.size ?? 0) + (remote?.size ?? 0) > 0) return "wait";
  const guest = { publicToken, rights: sessions.guestRights };
  // The rights of a user of an application are in a token, which may have been replaced by another one since.
  return mayRead(guest, channelFor(publicToken, channel)) ? "with_contents" : "without_contents";
}

/** The one session that a message is for: also the visitor in whose room it is. */
function recipientIn(
  message: Message,
  { sessions }: Pick<RecipientDeps, "sessions">,
): string | undefined {
  return visitorOf(sessions.guestRights, message.channel) ?? recipientOf(message);
}

/** Notices to one session are in the conversation of all notices. */
function conversationOf(channel: string): string {
  return channel.startsWith(NOTICES) ? NOTICES : channel;
}
