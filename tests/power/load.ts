import { parseCursor } from "../../server/protocol/cursor.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import type { RemoteChat, RemoteUser } from "../support/remote_chat.ts";
import { type Ledger, numbered, type Sender } from "./ledger.ts";

/** The key of an operator who ends sessions. */
export const ADMIN_KEY = "the-key-for-administering";

/** Signs in who sends: several to each of two rooms. */
export async function signInSenders(chat: RemoteChat, ledger: Ledger): Promise<void> {
  for (
    const [name, channel] of [
      ["alice", "room:tea"],
      ["bob", "room:milk"],
      ["carol", "room:tea"],
      ["dave", "room:milk"],
    ] as const
  ) {
    const signedIn = await chat.signIn(name);
    ledger.signedIn.add(signedIn);
    ledger.senders.push({ signedIn, channel, acknowledged: [], next: 1 });
  }
}

/** Sends, reads, signs in and out, until the server is gone. */
export async function runLoad(chat: RemoteChat, ledger: Ledger): Promise<void> {
  const [reader] = ledger.senders;
  await Promise.all([
    ...ledger.senders.map((sender) => untilGone(() => send(chat, sender))),
    ...(reader === undefined ? [] : [
      read(chat.user(reader.signedIn), ledger),
      untilGone(() => markAsRead(chat.user(reader.signedIn), ledger)),
    ]),
    untilGone(() => comeAndGo(chat, ledger)),
  ]);
}

/** Repeats `work` until the connection breaks, or the server refuses because it stops. */
async function untilGone(work: () => Promise<boolean>): Promise<void> {
  try {
    while (await work());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

async function send(chat: RemoteChat, sender: Sender): Promise<boolean> {
  const response = await chat.user(sender.signedIn).send(numbered(sender, sender.next));
  if (!response.ok) return false;
  sender.acknowledged.push(await response.json());
  sender.next++;
  return true;
}

async function read(user: RemoteUser, ledger: Ledger): Promise<void> {
  let cursor: string | undefined;
  await untilGone(async () => {
    const poll = { channels: ["room:tea", "room:milk"], hold: 1_000, ...(cursor && { cursor }) };
    const response = await user.request("POST", "/api/poll", poll);
    if (!response.ok) return false;
    const reply: PollReply = await response.json();
    const { epoch } = parseCursor(reply.cursor) ?? {};
    ledger.epoch ??= epoch;
    if (ledger.epoch !== epoch || reply.gap) throw new Error(`The log was replaced: ${epoch}`);
    ledger.received.push(...reply.messages);
    cursor = reply.cursor;
    return reply.outcome !== "cancelled";
  });
}

async function markAsRead(user: RemoteUser, ledger: Ledger): Promise<boolean> {
  const readUpTo = ledger.received.findLast(({ channel }) => channel === "room:tea")?.id ?? 0;
  const response = await user.request("PUT", "/api/conversations/room:tea", { readUpTo });
  if (response.ok) ledger.readUpTo = Math.max(ledger.readUpTo, readUpTo);
  return response.ok;
}

/** Signs somebody in, and every second time signs somebody out, in turn by themselves and by an operator. */
async function comeAndGo(chat: RemoteChat, ledger: Ledger): Promise<boolean> {
  const name = `guest ${ledger.signedIn.size + ledger.ended.size}`;
  const response = await chat.request("POST", "/api/sessions", { displayName: name });
  if (!response.ok) return false;
  ledger.signedIn.add(await response.json());
  const leaving = [...ledger.signedIn][ledger.senders.length];
  if (leaving === undefined || ledger.signedIn.size % 2 === 0) return true;
  // Whether they are signed out is unknown until the reply.
  ledger.signedIn.delete(leaving);
  const left = ledger.ended.size % 2 === 0
    ? await chat.user(leaving).request("DELETE", "/api/session")
    : await chat.user({ ...leaving, privateToken: ADMIN_KEY })
      .request("DELETE", `/api/sessions/${leaving.publicToken}`);
  if (left.ok) ledger.ended.add(leaving);
  return left.ok;
}
