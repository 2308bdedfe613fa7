import type { Message } from "../../server/protocol/message.ts";
import type { HistoryReply, SignedIn } from "../../server/protocol/replies.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";

/** A sender of numbered messages to one channel. */
export interface Sender {
  readonly signedIn: SignedIn;
  readonly channel: string;
  readonly acknowledged: Message[];
  /** The message that is being sent. It may be stored although the reply was lost. */
  next: number;
}

/** The n-th message of a sender, with its own key. Some are long, so that the WAL grows. */
export function numbered({ signedIn: { displayName }, channel }: Sender, n: number) {
  const padding = n % 5 === 0 ? " and more".repeat(600) : "";
  return { channel, text: `${displayName} says ${n}${padding}`, key: `${displayName}/${n}` };
}

/** What a server has acknowledged, which must hold after every power cut. */
export class Ledger {
  readonly senders: Sender[] = [];
  /** What the readers have received: no other message may get its id. */
  readonly received: Message[] = [];
  /** Sessions that were created, and those of them that have ended. */
  readonly signedIn = new Set<SignedIn>();
  readonly ended = new Set<SignedIn>();
  /** The highest read marker of the first sender in its channel. */
  readUpTo = 0;
  epoch: string | undefined;

  /** Compares with the server. Returns what is wrong. */
  async audit(chat: RemoteChat): Promise<readonly string[]> {
    const findings: string[] = [];
    for (const one of this.signedIn) {
      const { status } = await chat.user(one).request("GET", "/api/session");
      if (status !== 200) findings.push(`${one.displayName}'s session is missing (${status})`);
    }
    // Without their sessions, nothing else can be asked.
    if (findings.length > 0) return findings;
    for (const one of this.ended) {
      const { status } = await chat.user(one).request("GET", "/api/session");
      if (status !== 401) findings.push(`${one.displayName} is signed in again (${status})`);
    }
    for (const sender of this.senders) findings.push(...await this.#auditSender(chat, sender));
    const [first] = this.senders;
    if (first !== undefined) findings.push(...await this.#auditMarker(chat.user(first.signedIn)));
    return findings;
  }

  async #auditSender(chat: RemoteChat, sender: Sender): Promise<readonly string[]> {
    const findings: string[] = [];
    const user = chat.user(sender.signedIn);
    const stored = await historyOf(user, sender.channel);
    const byId = new Map(stored.map((message) => [message.id, message]));
    for (const { id, channel, text } of [...sender.acknowledged, ...this.received]) {
      if (channel !== sender.channel || byId.get(id)?.text === text) continue;
      findings.push(`message ${id} is missing: ${text?.slice(0, 30)}`);
    }
    const own = stored.filter(({ from }) => from?.publicToken === user.publicToken);
    const numbers = own.map(({ text }) => Number(text?.split(" ")[2]));
    if (numbers.some((n, index) => index > 0 && n <= (numbers[index - 1] ?? 0))) {
      findings.push(`${user.displayName}'s messages are doubled or out of order: ${numbers}`);
    }
    return [...findings, ...await repeat(user, sender)];
  }

  async #auditMarker(user: RemoteUser): Promise<readonly string[]> {
    const { conversations } = await (await user.request("GET", "/api/conversations")).json();
    const marker = Math.max(
      0,
      ...conversations.map(({ readUpTo }: { readUpTo: number }) => readUpTo),
    );
    return marker >= this.readUpTo ? [] : [`The read marker is ${marker}, not ${this.readUpTo}`];
  }
}

/** Repeats a sender's last message, which must not be stored again, and the one whose reply was lost. */
async function repeat(user: RemoteUser, sender: Sender): Promise<readonly string[]> {
  const findings: string[] = [];
  const last = sender.acknowledged.at(-1);
  if (last !== undefined) {
    const response = await user.send(numbered(sender, sender.acknowledged.length));
    const { id } = await response.json();
    if (response.status !== 200 || id !== last.id) {
      findings.push(`the key of message ${last.id} is forgotten: ${response.status}, ${id}`);
    }
  }
  const response = await user.send(numbered(sender, sender.next));
  if (response.ok) {
    sender.acknowledged.push(await response.json());
    sender.next++;
  } else findings.push(`${user.displayName} cannot send: ${await response.text()}`);
  return findings;
}

/** All messages of a channel, oldest first. */
async function historyOf(user: RemoteUser, channel: string): Promise<readonly Message[]> {
  const found: Message[] = [];
  for (let before = "";; before = `&before=${found.at(-1)?.id}`) {
    const path = `/api/channels/${channel}/messages?limit=100${before}`;
    const response = await user.request("GET", path);
    if (!response.ok) throw new Error(`Cannot read ${channel}: ${await response.text()}`);
    const { messages, more }: HistoryReply = await response.json();
    found.push(...messages);
    if (!more) return found.toReversed();
  }
}
